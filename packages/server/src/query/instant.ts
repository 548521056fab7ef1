/** Milliseconds of the units of `now-2h`. */
const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const instant = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/
const day = /^\d{4}-\d{2}-\d{2}$/
const month = /^\d{4}-\d{2}$/
const relative = /^now(?:-(\d{1,9})([smhdw]))?$/

/** Whether an instant moves with the clock. */
export const isRelative = (text: string): boolean => relative.test(text)

/**
 * Unix milliseconds of an RFC 3339 instant, a date or a month (their first instant in UTC), `now`,
 * or `now-1h` (units s m h d w); undefined if it is none of them, or no day of the calendar.
 * Fractions beyond milliseconds are cut.
 */
export function parseInstant(text: string, now: number): number | undefined {
  const ago = relative.exec(text)
  if (ago !== null) return keepable(now - Number(ago[1] ?? 0) * (unitMs[ago[2] ?? 's'] ?? 0))
  const date = instant.exec(text)?.[1] ?? (month.test(text) ? `${text}-01` : text)
  if (!day.test(date) || !isCalendarDay(date)) return undefined
  const at = Date.parse(instant.test(text) ? text.toUpperCase().replace(' ', 'T') : date)
  return keepable(at)
}

/** Instants outside the years 0000–9999 cannot be written in RFC 3339. */
const keepable = (at: number): number | undefined =>
  at >= -62_167_219_200_000 && at <= 253_402_300_799_999 ? at : undefined

/** Date.parse takes 30 February for 2 March. */
function isCalendarDay(date: string): boolean {
  const at = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}
