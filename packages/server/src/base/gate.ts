import { createFairGate } from './fair-gate.ts'

/**
 * Lets so many pieces of work run at a time; the others wait, in order. For work that is short but
 * holds much memory: what waits holds none of it yet.
 */
export function createGate(runningMax: number) {
  const enter = createFairGate({ runningMax })
  return <T>(work: () => Promise<T>): Promise<T> => enter('', work)
}
