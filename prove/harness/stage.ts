import type { Random } from '@indelible/testkit'
import type { Edit } from './planting.ts'

/** quick: minutes, on every change · full: hours, once for a release. */
export const tiers = ['quick', 'full'] as const
export type Tier = (typeof tiers)[number]

/** What a run of a stage may use. */
export interface StageContext {
  readonly tier: Tier
  readonly random: Random
  /** Empty, on a real disk, removed when the stage has ended. */
  readonly folder: string
  /**
   * For every service the stage starts (`spawnServer({ environment })`): a mutant is planted by
   * it. The checks run outside of those services, and are never planted.
   */
  readonly environment: Readonly<Record<string, string>>
  /** A mutant is planted: the stage ends at its first fault, and may try less. */
  readonly isMutated: boolean
  /** Tells whoever watches how far the work is. */
  progress(done: number, of: number): void
}

/** What a run of a stage found. */
export interface Findings {
  /** How much was really exercised: `{ cycles: 100, acknowledged: 162_363, lost: 0, ambiguous: 12 }`. */
  readonly counts: Readonly<Record<string, number>>
  /** What does not hold, a sentence each: empty where everything holds. */
  readonly faults: readonly string[]
}

/** One thing that is proved. */
export interface Stage {
  readonly name: string
  /** A sentence: what holds if it finds nothing. */
  readonly proves: string
  /** Too few of these, and the run is void: it has shown nothing. */
  readonly least: Readonly<Record<Tier, Readonly<Record<string, number>>>>
  /** What the machine lacks for it and how to get it; undefined where it has everything. */
  readonly lacks?: () => string | undefined | Promise<string | undefined>
  readonly run: (context: StageContext) => Promise<Findings>
}

/** A fault that we plant, to see that a stage finds it. */
export interface Mutant {
  /** `M3` */
  readonly name: string
  /** What it does, as a sentence without a subject: "answers before the commit". */
  readonly does: string
  /** The stage that claims to find it. */
  readonly foundBy: string
  /** Only a fault that this matches counts: a service that no longer starts would be found by all. */
  readonly fault: RegExp
  readonly edits: readonly Edit[]
}
