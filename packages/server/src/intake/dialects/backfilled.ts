import { limits } from '@indelible/protocol'
import { parseRfc3339 } from '../../base/rfc3339.ts'

/**
 * The mark of a record that comes long after it happened, for `context`. The log's order is that of
 * arrival: it says that this one's place in it tells nothing.
 */
export function markBackfilled(time: unknown, nowMs: number): { readonly backfilled?: true } {
  const unixMs = typeof time === 'string' ? parseRfc3339(time) : undefined
  const isOld = typeof unixMs === 'number' && nowMs - unixMs > limits.backfilledAfterMs
  return isOld ? { backfilled: true } : {}
}
