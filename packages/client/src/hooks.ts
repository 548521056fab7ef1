import type { ClientError } from './error.ts'
import type { ClientOptions, Dropped, Rejected } from './options.ts'

/** Whom the background half tells: what a hook throws must not stop the delivery; without one, stderr. */
export interface Hooks {
  onRejected(rejected: Rejected): void
  onDropped(dropped: Dropped): void
  /** A try failed. */
  onRetry(error: ClientError, retryInMs: number): void
  /** The spool's housekeeping failed. */
  onError(error: ClientError): void
  /** What went wrong is over: the next time is news. */
  onDelivered(): void
}

/** Different messages that are counted apart; a message can hold text of an event's. */
const messagesMax = 100
const messageCharsMax = 500

export function createHooks({ onRejected, onDropped, onError, spool }: ClientOptions): Hooks {
  const refusals = createCounter()
  const troubles = createCounter()
  const kept = spool === undefined ? '' : `, and kept in ${spool}.rejected`

  const sayRejected = ({ event, error }: Rejected): void => {
    const times = refusals.count(error.message)
    const id = typeof event === 'string' ? 'of a damaged spool' : event.id
    const who = times === 1 ? `event ${id} was` : `${times} events were`
    if (isRound(times)) say(`${who} refused for good${kept}: ${error.message}`)
  }
  const sayDropped = ({ events, error }: Dropped): void =>
    say(`${events.length} events are lost. ${error.message}`)
  const sayError = (error: ClientError, { retryInMs }: { readonly retryInMs?: number }): void => {
    const times = troubles.count(error.message)
    const rest = retryInMs === undefined ? '' : ' What is recorded waits, and is tried again.'
    if (isRound(times)) say(`${error.message}${rest}${times === 1 ? '' : ` (${times} times)`}`)
  }
  return {
    onRejected: guard(onRejected ?? sayRejected),
    onDropped: guard(onDropped ?? sayDropped),
    onRetry: (error, retryInMs) => guard(() => (onError ?? sayError)(error, { retryInMs }))(),
    onError: guard((error: ClientError) => (onError ?? sayError)(error, {})),
    onDelivered: troubles.clear,
  }
}

/** What a hook of the application throws must stop nothing of ours. */
export const guard =
  <Facts extends unknown[]>(hook: (...facts: Facts) => void) =>
  (...facts: Facts): void => {
    try {
      hook(...facts)
    } catch (error) {
      console.error('indelible: a hook of the application threw', error)
    }
  }

/** The 1st, 10th, 100th …: neither silent nor a flood, whatever a key that is wrong has refused. */
const isRound = (times: number): boolean => /^10*$/.test(String(times))

function createCounter() {
  const counts = new Map<string, number>()
  return {
    count(message: string): number {
      const name = counts.has(message) || counts.size < messagesMax ? message : ''
      const times = (counts.get(name) ?? 0) + 1
      counts.set(name, times)
      return times
    },
    clear: (): void => counts.clear(),
  }
}

/** One line, whatever it quotes. */
const say = (message: string): void =>
  console.error(`indelible: ${message.slice(0, messageCharsMax).replace(/\p{Cc}+/gu, ' ')}`)
