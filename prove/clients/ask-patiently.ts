import type { Answer, TestServer } from '@indelible/testkit'
import { createCut } from './cut.ts'

/** Nobody waits longer than this for an answer of any kind. */
export const answerMsMax = 10_000

/**
 * A service under faults, as its clients see it: one that refuses (5xx) is as good as gone, and
 * one that does not answer in time is a fault.
 * @param options.onLate is told what was asked
 */
export function askPatiently(
  server: TestServer,
  options: {
    readonly onRefusal: (answer: Answer) => void
    readonly onLate: (what: string) => void
  },
): Pick<TestServer, 'ask' | 'post'> {
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const signal = AbortSignal.timeout(answerMsMax)
    const answer = await server.ask(path, { ...init, signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
      options.onLate(`${init.method ?? 'GET'} ${path}`)
      throw createCut('It was not answered in time.')
    })
    if (answer.status < 500) return answer
    options.onRefusal(answer)
    throw createCut(`It was refused: ${answer.text}`)
  }
  return {
    ask,
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
  }
}
