/** Schemas in one another at the same place, and values in one another: what a stack may hold. */
const depthMax = 256

/** A schema that asks for more work than an event may cost; whoever wrote it chose how much. */
export class TooCostly extends Error {}

/**
 * One look at one event. Whatever a schema makes us do is paid for in steps, so that no schema and
 * no event can hold the service up: patterns, references, alternatives and lists alike.
 */
export interface Walk {
  /** @throws TooCostly where they are used up */
  spend(steps: number): void
  /** One schema further in. @throws TooCostly */
  enter(): void
  leave(): void
  report(pointer: string, detail: string): void
  /** Steps spent. */
  readonly spent: number
}

export function createWalk(
  stepsMax: number,
  report: (pointer: string, detail: string) => void,
): Walk {
  let spent = 0
  let depth = 0
  return {
    spend(steps) {
      spent += steps
      if (spent > stepsMax) throw new TooCostly()
    },
    enter() {
      if (++depth > depthMax) throw new TooCostly()
    },
    leave() {
      depth--
    },
    report,
    get spent() {
      return spent
    },
  }
}

/**
 * Whether a value keeps to a schema. With a pointer every fault is reported, each at its place;
 * without one the first ends it.
 */
export type Check = (value: unknown, walk: Walk, pointer: string | undefined) => boolean

/** `true`. Not for nothing: there may be one for each of a hundred thousand items. */
export const pass: Check = (_, walk) => {
  walk.spend(1)
  return true
}

/** The names that an object has; listing them is work, whatever is done with them. */
export function listMembers(object: object, walk: Walk): string[] {
  const names = Object.keys(object)
  walk.spend(names.length)
  return names
}

/** @returns false, after saying so where somebody asks */
export function fail(walk: Walk, pointer: string | undefined, detail: string): false {
  if (pointer !== undefined) walk.report(pointer, detail)
  return false
}
