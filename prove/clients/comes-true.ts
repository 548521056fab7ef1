import { setTimeout } from 'node:timers/promises'

/** Longer than anything takes that comes by itself, on a machine that is busy. */
const patienceMs = 20_000

/** @returns whether it came to hold in time */
export async function comesTrue(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > patienceMs) return false
    await setTimeout(50)
  }
  return true
}
