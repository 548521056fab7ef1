let lastMs = Number.NaN
let lastText = ''

/** Unix milliseconds as RFC 3339, in UTC. Of many in one millisecond only the first is worked out. */
export function formatTime(unixMs: number): string {
  if (unixMs === lastMs) return lastText
  lastText = new Date(unixMs).toISOString()
  lastMs = unixMs
  return lastText
}
