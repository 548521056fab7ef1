import { readCheckpoint, readConsistency, readLog, readReceipt } from '../api/calls.ts'
import { ApiProblem, isPassing } from '../api/problem.ts'
import { browserStorage } from '../preferences/browser-storage.ts'
import { createPins } from './pins.ts'
import { type Check, CheckFailed } from './report.ts'
import type { EntrySources } from './verify-entry.ts'
import type { verifyLog } from './verify-log.ts'

export const pins = createPins(browserStorage)

/**
 * A service that is busy, away, or wants one to sign in says nothing of the log. One that shows an
 * entry and then has no evidence of it does.
 */
async function demand<Answer>(check: Check, what: string, answer: Promise<Answer>) {
  try {
    return await answer
  } catch (error) {
    const isRefusal = error instanceof ApiProblem && !isPassing(error)
    if (!isRefusal || error.status === 401 || error.status === 403) throw error
    throw new CheckFailed(check, `The service could not give ${what}: ${error.message}`)
  }
}

/** The checks' sources: the public API and this browser's memory. */
export const createSources = (
  signal: AbortSignal,
): EntrySources & Parameters<typeof verifyLog>[1] => ({
  pins,
  now: () => new Date(),
  readLog: (tenant) => demand('key', 'the log’s key', readLog(tenant, signal)),
  readReceipt: (tenant, id) =>
    demand('evidence', 'evidence of this entry', readReceipt(tenant, id, signal)),
  readConsistency: (tenant, sizes) =>
    demand(
      'history',
      `a proof that the log of size ${sizes.from} is the beginning of that of size ${sizes.to}`,
      readConsistency(tenant, sizes, signal),
    ),
  readCheckpoint: (tenant) => demand('signature', 'a checkpoint', readCheckpoint(tenant, signal)),
})

/** Whether this browser can verify Ed25519 signatures here: only a secure context has the means. */
export const canVerify = async (): Promise<boolean> => {
  try {
    const key = new Uint8Array(32)
    await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
    return true
  } catch {
    return false
  }
}
