import type { Entry, Head } from '@indelible/protocol'

/** What the service acknowledged, in 17 bytes an event: an hour's run has tens of millions. */
export interface Acknowledged {
  readonly count: number
  /** Id of the n-th event of this run. */
  idOf(n: number): string
  /** @throws Error where the heads are not those of the events sent: the contract is broken */
  keep(from: number, heads: readonly Head[]): void
  /** Holds an entry that is there against what was acknowledged. @returns what is wrong with it */
  match(entry: Entry): Mismatch | undefined
  /** Acknowledged, and by now not matched. */
  missing(): Generator<{ readonly id: string; readonly index: number }>
  /** Matched without ever having been acknowledged: its answer was lost. */
  readonly unacknowledged: number
}

export type Mismatch = 'twice' | 'moved' | 'changed'

const states = { unknown: 0, acknowledged: 1, found: 2 } as const
const hashDigits = 16

export function createAcknowledged(options: {
  /** Begins every id: of this run alone. */
  readonly run: string
  /** Whose log the n-th event goes to. */
  readonly tenantOf: (n: number) => string
}): Acknowledged {
  const { run, tenantOf } = options
  let capacity = 1 << 16
  let indexes = new Float64Array(capacity)
  let hashes = new BigUint64Array(capacity)
  let state = new Uint8Array(capacity)
  let end = 0
  let count = 0
  let unacknowledged = 0

  const grow = (size: number): void => {
    if (size <= capacity) return
    while (capacity < size) capacity *= 2
    const [oldIndexes, oldHashes, oldState] = [indexes, hashes, state]
    indexes = new Float64Array(capacity)
    hashes = new BigUint64Array(capacity)
    state = new Uint8Array(capacity)
    indexes.set(oldIndexes)
    hashes.set(oldHashes)
    state.set(oldState)
  }
  const prefixOf = (hash: string): bigint => BigInt(`0x${hash.slice(0, hashDigits)}`)
  const idOf = (n: number): string => `${run}-${n}`

  return {
    get count() {
      return count
    },
    get unacknowledged() {
      return unacknowledged
    },
    idOf,
    keep(from, heads) {
      grow(from + heads.length)
      for (const [at, { id, tenant, index, hash }] of heads.entries()) {
        const n = from + at
        if (id !== idOf(n) || tenant !== tenantOf(n)) {
          throw new Error(`${idOf(n)} was answered with the head of ${id} of ${tenant}.`)
        }
        indexes[n] = index
        hashes[n] = prefixOf(hash)
        state[n] = states.acknowledged
        count++
      }
      end = Math.max(end, from + heads.length)
    },
    match({ tenant, index, hash, event }) {
      if (!event.id.startsWith(`${run}-`)) return undefined
      const n = Number(event.id.slice(run.length + 1))
      switch (state[n] ?? states.unknown) {
        case states.unknown:
          unacknowledged++
          return undefined
        case states.found:
          return 'twice'
      }
      state[n] = states.found
      if (indexes[n] !== index || tenant !== tenantOf(n)) return 'moved'
      return hashes[n] === prefixOf(hash) ? undefined : 'changed'
    },
    *missing() {
      for (let n = 0; n < end; n++) {
        if (state[n] === states.acknowledged) yield { id: idOf(n), index: indexes[n] ?? -1 }
      }
    },
  }
}
