import { addAbortListener } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { limits } from '@indelible/protocol'

/** Waits, and longer each time: doubling, up to a bound. */
export function createBackoff() {
  let nextMs: number = limits.queueRetryMsMin
  return {
    /**
     * @returns how long it waited, milliseconds
     * @throws AbortError where the signal says so
     */
    async wait(signal: AbortSignal): Promise<number> {
      const waitMs = nextMs
      nextMs = Math.min(waitMs * 2, limits.queueRetryMsMax)
      await setTimeout(waitMs, undefined, { signal })
      return waitMs
    },
    reset(): void {
      nextMs = limits.queueRetryMsMin
    },
  }
}

/**
 * Tries until it works, with growing waits between.
 * @param options.mayPass whether it is worth another try after this error
 * @param options.onWait told before each wait, with how long it has waited already
 * @throws what `work` throws and may not pass; AbortError
 */
export async function retry<T>(
  work: () => Promise<T>,
  options: {
    readonly signal: AbortSignal
    readonly mayPass: (error: unknown) => boolean
    readonly onWait?: (error: unknown, waitedMs: number) => void
  },
): Promise<T> {
  const backoff = createBackoff()
  for (let waitedMs = 0; ; ) {
    try {
      return await work()
    } catch (error) {
      if (!options.mayPass(error)) throw error
      options.onWait?.(error, waitedMs)
      waitedMs += await backoff.wait(options.signal)
    }
  }
}

/** Waits for what may never be answered. @throws the signal's reason, where that comes first */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  using _ = addAbortListener(signal, () => reject(signal.reason))
  return await Promise.race([work, aborted])
}
