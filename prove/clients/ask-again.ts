import type { Answer } from '@indelible/testkit'
import { comesTrue } from './comes-true.ts'

/**
 * Asks again while the answer is 503, as clients do: a node that was struck a moment ago, or a
 * checkpoint that takes longer than an answer waits for it, on a machine that is busy.
 * @returns the first answer that is another; the last one, where none came in time
 */
export async function askAgain(ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask()
  await comesTrue(async () => {
    if (answer.status === 503) answer = await ask()
    return answer.status !== 503
  })
  return answer
}
