/** Randomness that a seed repeats: 0 ≤ number < 1 (mulberry32). */
export interface Random {
  (): number
  /** A whole number from 0 to `below` − 1. */
  whole(below: number): number
  /** @throws Error where there is nothing to choose from */
  pick<T>(list: readonly T[]): T
}

export function createRandom(seed: number): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (below: number): number => Math.floor(next() * below)
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('There is nothing to choose from.')
    return list[whole(list.length)] as T // below its length
  }
  return Object.assign(next, { whole, pick })
}

/** The seed of a randomised test: another one each run, unless INDELIBLE_TEST_SEED repeats one. */
export const readSeed = (): number =>
  Number(process.env.INDELIBLE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
