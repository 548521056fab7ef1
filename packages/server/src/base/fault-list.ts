import type { Fault } from '@indelible/protocol'
import { Refusal } from './refusal.ts'

/** Faults named in one refusal; a batch of thousands must not answer with megabytes. */
export const faultsMax = 100

/** Longer ones hold names that somebody chose to be long: a hundred of them made 20 MB of answer. */
const pointerCharsMax = 1_000

/** Points at what a place too long to name is in. */
export const shortenPointer = (pointer: string): string =>
  pointer.length <= pointerCharsMax
    ? pointer
    : pointer.slice(0, pointer.lastIndexOf('/', pointerCharsMax))

/** Gathers the faults of one request, in the order in which they are found. */
export interface FaultList {
  add(pointer: string, detail: string): void
  readonly named: readonly Fault[]
  /** Faults found so far, also those beyond `faultsMax`, which are only counted. */
  readonly count: number
  /** @throws Refusal `event-invalid` if there is any fault. */
  assertEmpty(): void
}

/** @param pointerTo where in what the caller sent a pointer of ours is; default: the same. */
export function createFaultList(pointerTo = (pointer: string): string => pointer): FaultList {
  const named: Fault[] = []
  let count = 0
  return {
    named,
    add(pointer, detail) {
      if (count++ < faultsMax) named.push({ pointer: pointerTo(shortenPointer(pointer)), detail })
    },
    get count() {
      return count
    },
    assertEmpty() {
      const first = named[0]
      if (first === undefined) return
      const more = count - named.length
      if (more > 0) named.push({ pointer: '', detail: `At least ${more} more faults.` })
      const others = count === 1 ? '' : ` (and ${count - 1} more, see errors)`
      throw new Refusal('event-invalid', {
        detail: `Nothing was kept. ${first.pointer === '' ? '' : `${first.pointer}: `}${first.detail}${others}`,
        errors: named,
      })
    },
  }
}
