import { limits } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'

/** Runs one piece of work after the other. @throws Refusal `pushback` where too many wait */
export function createTurns() {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= limits.administrationWaitingMax) {
      throw new Refusal('pushback', {
        detail: 'Too many administrative acts are waiting. Try again in a moment.',
      })
    }
    waiting += 1
    const mine = last.then(work).finally(() => {
      waiting -= 1
    })
    last = mine.catch(() => undefined)
    return mine
  }
}
