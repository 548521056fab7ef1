import { limits } from '@indelible/protocol'
import type { StepBudget } from '../step-budget.ts'

/** Of a value that holds more secrets than anybody has, or what looks like them. */
export class TooManySecrets extends Error {}

/**
 * Steps, of about a microsecond, of what a caller can make us do over and over within a few bytes;
 * the rest is linear.
 */
export const steps = {
  /** A text that may hold a secret, or a place in it that looks like one. */
  look: 1,
  /** A member name that is not known yet. */
  name: 2,
  /** A secret that is taken out. */
  secret: 5,
} as const

/** @throws TooManySecrets where they are used up */
export type Spend = (steps: number) => void

export const createRedactionBudget = (): StepBudget => ({
  steps: limits.redactionStepsPerRequestMax,
})

/** Counts the steps of one value at a time. */
export function createMeter(): {
  readonly spend: Spend
  /** @throws TooManySecrets beyond the budget, or beyond what one event may take of it */
  run<T>(budget: StepBudget, work: () => T): T
} {
  let left = Number.POSITIVE_INFINITY
  return {
    spend(count) {
      left -= count
      if (left < 0) throw new TooManySecrets()
    },
    run(budget, work) {
      const most = Math.min(budget.steps, limits.redactionStepsPerEventMax)
      left = most
      try {
        return work()
      } finally {
        budget.steps -= most - Math.max(0, left)
        left = Number.POSITIVE_INFINITY
      }
    },
  }
}
