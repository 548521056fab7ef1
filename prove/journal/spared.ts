import type { Random } from '@indelible/testkit'

/** What a crash spares of what was never synced. */
export interface Spared {
  /** Is the next sector of an unsynced write, or the next truncation, on the disk? */
  readonly change: () => boolean
  /** How many of the unsynced changes of names are; they reach a journalled disk in order. */
  readonly names: (count: number) => number
}

export const nothingSpared: Spared = { change: () => false, names: () => 0 }
export const everythingSpared: Spared = { change: () => true, names: (count) => count }

/** Ways to lose a part of some changes: by lot, the last, one of them, all but one. */
const ways: readonly ((random: Random, changes: number) => (n: number) => boolean)[] = [
  (random) => {
    const share = random()
    return () => random() < share
  },
  (random, changes) => {
    const kept = random.whole(changes + 1)
    return (n) => n < kept
  },
  (random, changes) => {
    const lost = random.whole(changes)
    return (n) => n !== lost
  },
  (random, changes) => {
    const kept = random.whole(changes)
    return (n) => n === kept
  },
]

/**
 * Spares a part: writes are torn between sectors and reach the disk in any order.
 * @param changes how many there are, at most
 */
export function createTorn(random: Random, changes: number): Spared {
  const isKept = random.pick(ways)(random, changes)
  let n = 0
  return { change: () => isKept(n++), names: (count) => random.whole(count + 1) }
}

/** @returns with `choice`: what was spared once it was asked; the same text for the same */
export function watchChoice(spared: Spared): {
  readonly watched: Spared
  readonly choice: () => string
} {
  const lost: number[] = []
  let [names, changes] = [0, 0]
  return {
    watched: {
      change() {
        const keeps = spared.change()
        if (!keeps) lost.push(changes)
        changes++
        return keeps
      },
      names(count) {
        names = spared.names(count)
        return names
      },
    },
    choice: () => `${names} names, without ${lost}`,
  }
}
