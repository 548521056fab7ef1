import { type ClientError, toClientError } from './error.ts'
import * as limits from './limits.ts'

/** How long to wait after each failure in a row. */
export interface Backoff {
  /** Milliseconds to wait after this failure. */
  after(error: ClientError): number
  /** It works again. */
  reset(): void
}

/**
 * Full jitter: random up to a bound that doubles, so that many clients don't come back together.
 * What the service asks for (`Retry-After`) is waited for first.
 */
export function createBackoff(options: {
  readonly random: () => number
  readonly baseMs?: number
  readonly msMax?: number
}): Backoff {
  const { random, baseMs = limits.retryBaseMs, msMax = limits.retryMsMax } = options
  let failures = 0
  return {
    after({ retryAfterMs = 0 }) {
      const bound = Math.min(msMax, baseMs * 2 ** failures)
      failures = Math.min(failures + 1, 30)
      return Math.min(retryAfterMs, limits.retryAfterMsMax) + random() * bound
    },
    reset() {
      failures = 0
    },
  }
}

/**
 * Waits, or returns early when the signal aborts; it does not throw.
 * @param isHeld whether the wait keeps the process alive
 */
export function pause(ms: number, signal?: AbortSignal, isHeld = true): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    // Timers are numbers where there is no Node.
    if (!isHeld && typeof timer === 'object') timer.unref()
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** Whoever awaits keeps the process alive, though what lies on a disk alone does not. */
export async function holdProcess<T>(awaited: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, limits.retryMsMax)
  try {
    return await awaited
  } finally {
    clearInterval(timer)
  }
}

/** Asks until it succeeds, fails for good, or `timeoutMs` would be over before the next try. */
export async function retry<T>(
  options: {
    readonly clock: () => number
    readonly random: () => number
    readonly timeoutMs: number
    readonly signal?: AbortSignal | undefined
    readonly onRetry: (error: ClientError, retryInMs: number) => void
  },
  attempt: () => Promise<T>,
): Promise<T> {
  const { clock, signal } = options
  const backoff = createBackoff(options)
  const end = clock() + options.timeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (thrown) {
      const error = toClientError(thrown)
      if (!error.isTransient || signal?.aborted) throw error
      const waitMs = backoff.after(error)
      if (clock() + waitMs >= end) throw error
      options.onRetry(error, waitMs)
      await pause(waitMs, signal)
    }
  }
}
