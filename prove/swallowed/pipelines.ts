import { once } from 'node:events'
import { connect } from 'node:net'
import { type Answer, type Random, testRootKey } from '@indelible/testkit'
import { createCut } from '../clients/cut.ts'
import { createAnswerReader } from './answers.ts'

/** Requests that travel together over a connection of their own. */
const pipelineMax = 25
const watchMs = 500

interface Waiting {
  readonly path: string
  readonly body: string
  readonly resolve: (answer: Answer) => void
}

/** For whoever waits for it, an answer that did not come is one that says: again. */
const unheard: Answer = { status: 503, headers: new Headers(), text: 'unheard', json: undefined }

/**
 * Posts what is posted at the same time in pipelines, each by one of the ports, chosen by lot.
 * Cheap: a connection that breaks takes many requests with it.
 */
export function createPipelines(options: {
  readonly ports: readonly number[]
  readonly random: Random
  /** Services that answer nobody for so long are held up by something. */
  readonly patienceMs: number
  /** Told that requests wait, and nothing was answered for too long. */
  readonly onLate: () => void
}) {
  const { ports, random, patienceMs, onLate } = options
  let waiting: Waiting[] = []
  let isStopped = false
  let answeredAt = performance.now()

  const send = async (pipeline: readonly Waiting[]): Promise<void> => {
    const socket = connect(random.pick(ports), '127.0.0.1')
    const unanswered = pipeline.values()
    const began = performance.now()
    const watch = setInterval(() => {
      if (performance.now() - Math.max(began, answeredAt) < patienceMs) return
      onLate()
      socket.destroy()
    }, watchMs)
    socket.on('error', () => undefined) // `close` follows
    socket.on(
      'data',
      createAnswerReader((answer) => {
        answeredAt = performance.now()
        unanswered.next().value?.resolve(answer)
      }),
    )
    const last = pipeline.at(-1)
    socket.write(pipeline.map((one) => formatRequest(one, one === last)).join(''))
    await once(socket, 'close')
    clearInterval(watch)
    for (const { resolve } of unanswered) resolve(unheard)
  }
  const flush = (): void => {
    const all = waiting
    waiting = []
    for (let at = 0; at < all.length; at += pipelineMax) {
      void send(all.slice(at, at + pipelineMax))
    }
  }
  return {
    /** @returns 503 where the answer was not heard. @throws as a cut connection once it is stopped */
    async post(path: string, body: unknown): Promise<Answer> {
      if (isStopped) throw createCut('the load has ended')
      if (waiting.length === 0) setImmediate(flush)
      const { promise, resolve } = Promise.withResolvers<Answer>()
      waiting.push({ path, body: JSON.stringify(body), resolve })
      return promise
    },
    stop(): void {
      isStopped = true
    },
  }
}

/** The last one asks for the end of the connection, so that its close says that all were done. */
const formatRequest = ({ path, body }: Waiting, isLast: boolean): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: service',
    `Authorization: Bearer ${testRootKey}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(isLast ? ['Connection: close'] : []),
    '',
    body,
  ].join('\r\n')
