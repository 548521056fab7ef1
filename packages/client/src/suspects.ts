import * as limits from './limits.ts'

/**
 * Events that wait at the end of the line for another try: the service stumbled at them and took
 * others, or they were refused and could not be kept aside. In memory: after a restart each begins anew.
 */
export interface Suspects {
  readonly size: number
  /** Whether its next try is still to come. */
  isWaiting(json: string): boolean
  /** Milliseconds until the first of them is due. */
  dueInMs(): number
  /** It waits from now on. */
  hold(json: string, ms: number): void
  /** The service stumbled at it and took another one since. @returns whether that was its last try */
  stumble(json: string): boolean
  forget(json: string): void
}

export function createSuspects({ clock }: { readonly clock: () => number }): Suspects {
  const suspects = new Map<string, { tries: number; dueAt: number }>()
  // A clock that was set back must not keep them for the difference.
  const dueIn = (dueAt: number): number => {
    const ms = dueAt - clock()
    return ms > limits.suspectPauseMs ? 0 : Math.max(0, ms)
  }
  const at = (json: string) => {
    const known = suspects.get(json) ?? { tries: 0, dueAt: 0 }
    suspects.set(json, known)
    return known
  }
  return {
    get size() {
      return suspects.size
    },
    isWaiting(json) {
      const known = suspects.get(json)
      return known !== undefined && dueIn(known.dueAt) > 0
    },
    dueInMs: () => Math.min(...[...suspects.values()].map(({ dueAt }) => dueIn(dueAt))),
    hold(json, ms) {
      at(json).dueAt = clock() + ms
    },
    stumble(json) {
      const known = at(json)
      // One that could not be put at the end of the line is met more often than is counted.
      if (dueIn(known.dueAt) === 0) known.tries += 1
      known.dueAt = Math.max(known.dueAt, clock() + limits.suspectPauseMs)
      return known.tries >= limits.suspectTriesMax
    },
    forget: (json) => void suspects.delete(json),
  }
}
