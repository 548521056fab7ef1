import type { Findings } from './stage.ts'

/** Findings of the parts of a stage, taken together. */
export interface Tally extends Findings {
  add(found: Findings): void
}

export function createTally(): Tally {
  const counts: Record<string, number> = {}
  const faults: string[] = []
  return {
    counts,
    faults,
    add(found) {
      faults.push(...found.faults)
      for (const [name, count] of Object.entries(found.counts)) {
        counts[name] = (counts[name] ?? 0) + count
      }
    },
  }
}
