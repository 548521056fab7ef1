/** A stretch of time as the URL keeps it: instants of the grammar, open where undefined. */
export interface Range {
  readonly since?: string | undefined
  readonly until?: string | undefined
}

const minuteMs = 60_000
const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: minuteMs,
  h: 60 * minuteMs,
  d: 1_440 * minuteMs,
  w: 10_080 * minuteMs,
}

export const presets: readonly (Range & { readonly label: string })[] = [
  { label: 'Last 15 minutes', since: 'now-15m' },
  { label: 'Last hour', since: 'now-1h' },
  { label: 'Last 24 hours', since: 'now-24h' },
  { label: 'Last 7 days', since: 'now-7d' },
  { label: 'Last 30 days', since: 'now-30d' },
  { label: 'Last 12 months', since: 'now-365d' },
  { label: 'All time' },
]

/** Unix milliseconds of an instant of the grammar; undefined if it is none. */
export function resolveInstant(text: string, now: number): number | undefined {
  const [whole, count = '0', unit = 's'] = /^now(?:-(\d{1,9})([smhdw]))?$/.exec(text) ?? []
  if (whole !== undefined) return now - Number(count) * (unitMs[unit] ?? 0)
  const at = Date.parse(/^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text)
  return Number.isNaN(at) ? undefined : at
}

/** What the button of the range says. */
export function describeRange(range: Range, formatInstant: (unixMs: number) => string): string {
  const preset = presets.find(({ since, until }) => since === range.since && until === range.until)
  if (preset !== undefined) return preset.label
  const say = (text: string) => {
    const at = text.startsWith('now') ? undefined : resolveInstant(text, 0)
    return at === undefined ? text : formatInstant(at)
  }
  const { since, until } = range
  if (since !== undefined && until !== undefined) return `${say(since)} – ${say(until)}`
  return since === undefined ? `Until ${say(until ?? '')}` : `Since ${say(since)}`
}

/** A range between two instants, in whole seconds: what a brush or a form gives. */
export function rangeBetween(since: number, until: number): Range {
  const text = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`
  return { since: text(Math.floor(since)), until: text(Math.ceil(until / 1_000) * 1_000) }
}

/** So long before and after an instant: what else happened then. */
export function rangeAround(time: string, ms: number): Range {
  const at = Date.parse(time)
  return rangeBetween(at - ms, at + ms)
}
