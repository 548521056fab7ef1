import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import type { Head, Problem } from '@indelible/protocol'
import { parseRetryAfter } from '../packages/cli/src/core/client.ts'
import { exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { Failure } from '../packages/cli/src/core/failure.ts'
import type { Pacer } from './pace.ts'

export interface Sender extends Disposable {
  /**
   * Posts a batch until it is acknowledged, the same ids each time.
   * @returns undefined where it was given up
   * @throws {Failure} usage, where the service refuses what no repeat would mend
   */
  send(body: string, signal: AbortSignal): Promise<readonly Head[] | undefined>
  readonly figures: SenderFigures
}

export interface SenderFigures {
  /** Attempts that failed, by what failed: `503 pushback`, `ECONNRESET`, `timeout`. */
  readonly errors: ReadonlyMap<string, number>
  readonly retries: number
  readonly givenUp: number
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | undefined
}

const backoffMsMin = 100
const backoffMsMax = 5_000

export function createSender(options: {
  readonly url: string
  readonly key: string
  readonly connections: number
  readonly timeoutMs: number
  /** How long a request is tried, from its first sending. */
  readonly giveUpMs: number
  readonly pacer: Pacer
  readonly random: () => number
}): Sender {
  const { giveUpMs, pacer, random } = options
  const { post, close } = openConnections(options)
  const errors = new Map<string, number>()
  let retries = 0
  let givenUp = 0

  /** @returns the heads, or how long to wait before the next attempt */
  const attempt = async (body: string): Promise<readonly Head[] | number> => {
    const answer = await post(body).catch((error: NodeJS.ErrnoException) => error)
    if (answer instanceof Error) {
      count(errors, answer.code ?? answer.message)
      return 0
    }
    const { status, text, retryAfter } = answer
    if (status === 200 || status === 201) return readHeads(text)
    const { code = '', detail = text.slice(0, 200) } = readProblem(text)
    if (status < 500 && status !== 429) {
      const message = `The service refuses the events (${status} ${code}): ${detail}`
      throw new Failure(exitCodes.usage, message, { code, status })
    }
    count(errors, `${status} ${code}`.trim())
    return parseRetryAfter(retryAfter ?? null, Date.now()) ?? 0
  }

  return {
    async send(body, signal) {
      const begin = pacer.now()
      for (let n = 0; ; n++) {
        const outcome = await attempt(body)
        if (typeof outcome !== 'number') return outcome
        const backoffMs = Math.min(backoffMsMax, backoffMsMin * 2 ** n) * (0.5 + random() / 2)
        const waitMs = Math.max(outcome, backoffMs)
        if (signal.aborted || pacer.now() + waitMs - begin > giveUpMs) {
          givenUp++
          return undefined
        }
        await pacer.sleep(waitMs, signal)
        retries++
      }
    },
    get figures() {
      return { errors, retries, givenUp }
    },
    [Symbol.dispose]: close,
  }
}

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** A service that breaks its contract must not pass for one that answered. */
function readHeads(text: string): readonly Head[] {
  const { entries } = JSON.parse(text) as { readonly entries: readonly Head[] } // of a batch's 201
  return entries
}

function readProblem(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) as Partial<Problem> // whatever stands between may answer anything
  } catch {
    return {}
  }
}

/** Kept alive, as many as there are; Node's own client, for it counts the sockets exactly. */
function openConnections(options: {
  readonly url: string
  readonly key: string
  readonly connections: number
  readonly timeoutMs: number
}) {
  const { key, connections: maxSockets, timeoutMs } = options
  const url = new URL('v1/events', `${options.url.replace(/\/+$/, '')}/`)
  const isTls = url.protocol === 'https:'
  const agent = new (isTls ? TlsAgent : Agent)({ keepAlive: true, maxSockets })
  const request = isTls ? requestHttps : requestHttp
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const post = (body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.from(body)
      const sent = request(
        url,
        { method: 'POST', agent, headers: { ...headers, 'content-length': bytes.length } },
        (response) => readAnswer(response).then(resolve, reject),
      )
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error('timeout')))
      sent.on('error', reject)
      sent.end(bytes)
    })
  return { post, close: () => agent.destroy() }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  return {
    status: response.statusCode ?? 0,
    text,
    retryAfter: response.headers['retry-after'],
  }
}
