import { limits } from '@indelible/protocol'

/**
 * The mark of a record that comes long after it happened, for `context`. The log's order is that of
 * arrival: it says that this one's place in it tells nothing.
 */
export function markBackfilled(time: unknown, nowMs: number): { readonly backfilled?: true } {
  // What is no RFC 3339 admission will say.
  const isOld = typeof time === 'string' && nowMs - Date.parse(time) > limits.backfilledAfterMs
  return isOld ? { backfilled: true } : {}
}
