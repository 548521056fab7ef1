import { setTimeout } from 'node:timers/promises'

/**
 * @param patienceMs longer than most things take that come by themselves, on a machine that is busy
 * @returns whether it came to hold in time
 */
export async function comesTrue(
  holds: () => boolean | Promise<boolean>,
  patienceMs = 60_000,
): Promise<boolean> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > patienceMs) return false
    await setTimeout(50)
  }
  return true
}
