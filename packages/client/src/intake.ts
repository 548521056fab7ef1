import type { Backlog } from './backlog.ts'
import { ClientError } from './error.ts'

/** Takes recorded events in, up to the backlog's bound, and acts at the bound as configured. */
export interface Intake {
  /** @returns a promise only where it must wait (`block`) */
  take(json: string): Promise<void> | undefined
  /** There may be room again. */
  admitWaiting(): void
  /** Refuses what waits. */
  refuseWaiting(error: ClientError): void
  /** Events taken since the start, those that wait for room included. */
  readonly taken: number
  readonly waiting: number
}

/** What to do with an event for which there is no room. */
export type OnFull<Event> = 'block' | 'throw' | ((event: Event, error: ClientError) => void)

interface Waiter {
  readonly json: string
  readonly resolve: () => void
  readonly reject: (error: ClientError) => void
}

export function createIntake(options: {
  readonly backlog: Backlog
  /** With `block` events wait for room, in order, and as many of them as `waitingMax`. */
  readonly isBlocking: boolean
  readonly waitingMax: number
  readonly onTaken: () => void
}): Intake {
  const { backlog, waitingMax } = options
  let waiters: Waiter[] = []
  let taken = backlog.events
  const full = () =>
    new ClientError(
      'queue-full',
      `${backlog.events} events (${backlog.bytes} bytes) wait to be delivered; no more may.`,
    )
  const wait = (json: string): Promise<void> => {
    if (waiters.length >= waitingMax) throw full()
    taken += 1
    return new Promise((resolve, reject) => {
      waiters.push({ json, resolve, reject })
      options.onTaken()
    })
  }
  return {
    get taken() {
      return taken
    },
    get waiting() {
      return waiters.length
    },
    take(json) {
      // Those who wait go first.
      if (waiters.length === 0 && backlog.push(json)) {
        taken += 1
        options.onTaken()
        return undefined
      }
      // An event larger than the whole bound would wait for ever.
      if (!options.isBlocking || (backlog.events === 0 && waiters.length === 0)) throw full()
      return wait(json)
    },
    admitWaiting() {
      let admitted = 0
      for (const { json, resolve, reject } of waiters) {
        try {
          const isTooLarge = backlog.events === 0
          if (!backlog.push(json)) {
            if (!isTooLarge) break
            throw full()
          }
          resolve()
        } catch (error) {
          taken -= 1
          reject(error as ClientError) // a backlog throws nothing else
        }
        admitted += 1
      }
      waiters = waiters.slice(admitted)
    },
    refuseWaiting(error) {
      for (const { reject } of waiters) reject(error)
      taken -= waiters.length
      waiters = []
    },
  }
}
