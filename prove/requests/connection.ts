import { connect, type Socket } from 'node:net'
import { isStream, parseAnswer, parseCut, type WireAnswer } from '../clients/wire-answers.ts'

export interface Exchange {
  readonly answers: readonly WireAnswer[]
  /** The service ended the connection. */
  readonly isClosed: boolean
  /** Nothing came for so long that we gave up. */
  readonly isHung: boolean
  /** From the last byte sent, or the end of our side, to the last byte that came. */
  readonly ms: number
}

/** Given up then: the service has time-outs of its own, but none is due to a whole request. */
const hangMs = 15_000
/** How long bytes that may be no whole request are left alone before our side is ended. */
const quietMs = 100

export type Connection = ReturnType<typeof createConnection>

/** A connection for one request after another, opened anew where the service ended it. */
export function createConnection(port: number) {
  let socket: Socket | undefined
  // A service that refuses early resets what is still being sent; what it said still counts.
  const open = () =>
    connect({ host: '127.0.0.1', port, noDelay: true }).on('error', () => undefined)

  return {
    /** Sends whole requests. @returns as many answers, unless the service ends the connection */
    async exchange(bytes: Buffer, methods: readonly string[]): Promise<Exchange> {
      socket ??= open()
      const exchange = await converse(socket, bytes, { methods, endsAfterMs: undefined })
      const last = exchange.answers.at(-1)
      const isOver = exchange.isClosed || exchange.isHung || last === undefined || isLast(last)
      if (isOver) {
        socket.destroy()
        socket = undefined
      }
      return exchange
    },
    /** Sends what may be a request, several or none, on a connection of its own. */
    async exchangeLoosely(bytes: Buffer, isCut: boolean): Promise<Exchange> {
      const own = open()
      const endsAfterMs = isCut ? 0 : quietMs
      const exchange = await converse(own, bytes, { methods: [], endsAfterMs })
      own.destroy()
      return exchange
    },
    [Symbol.dispose]: () => void socket?.destroy(),
  }
}

/**
 * @param options.methods of the requests, each of which is to be answered; none: whatever comes
 * until the service ends the connection
 * @param options.endsAfterMs our side is ended so long behind the bytes, or behind an answer
 */
function converse(
  socket: Socket,
  bytes: Buffer,
  options: { readonly methods: readonly string[]; readonly endsAfterMs: number | undefined },
): Promise<Exchange> {
  const { methods, endsAfterMs } = options
  const { promise, resolve } = Promise.withResolvers<Exchange>()
  let rest: Buffer = Buffer.alloc(0)
  const answers: WireAnswer[] = []
  let began = performance.now()
  const finish = (how: { readonly isClosed: boolean; readonly isHung: boolean }): void => {
    clearTimeout(hang)
    clearTimeout(quiet)
    socket.off('data', onData).off('close', onClose)
    resolve({ answers, ...how, ms: performance.now() - began })
  }
  const onData = (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const parsed = parseAnswer(rest, methods[answers.length])
      if (parsed === undefined) break
      rest = rest.subarray(parsed.length)
      if (parsed.answer !== undefined) answers.push(parsed.answer)
    }
    const isLooseAndAnswered = methods.length === 0 && answers.length > 0
    if (answers.some(({ head }) => isStream(head))) finish({ isClosed: false, isHung: false })
    else if (isLooseAndAnswered && !socket.writableEnded) endOurs()
    else if (methods.length > 0 && answers.length >= methods.length) {
      finish({ isClosed: false, isHung: false })
    }
  }
  const endOurs = (): void => {
    began = performance.now()
    socket.end()
  }
  const onClose = (): void => {
    const cut = parseCut(rest)
    if (cut !== undefined) answers.push(cut)
    finish({ isClosed: true, isHung: false })
  }
  const hang = setTimeout(() => finish({ isClosed: false, isHung: true }), hangMs)
  const quiet = endsAfterMs === undefined ? undefined : setTimeout(endOurs, endsAfterMs)
  socket.on('data', onData).on('close', onClose)
  socket.write(bytes)
  return promise
}

const isLast = ({ head }: WireAnswer): boolean =>
  /\r\nconnection: close/i.test(head) || isStream(head)
