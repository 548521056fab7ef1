/** How times are read: in the reader's zone, in UTC, or as so long ago. */
export const timeStyles = ['local', 'utc', 'relative'] as const
export type TimeStyle = (typeof timeStyles)[number]

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-11-20 20:11:00.123`, in the local zone or UTC: the same order of parts for every reader. */
export function formatInstant(
  unixMs: number,
  { utc, milliseconds = false }: { readonly utc: boolean; readonly milliseconds?: boolean },
): string {
  const at = new Date(unixMs)
  if (Number.isNaN(unixMs)) return 'no time'
  // The zone's own reading, moved so that the UTC getters give it.
  const read = utc ? at : new Date(unixMs - at.getTimezoneOffset() * 60_000)
  const text = read.toISOString()
  return text.slice(0, milliseconds ? 23 : 19).replace('T', ' ')
}

const steps = [
  ['s', 60],
  ['m', 60],
  ['h', 24],
  ['d', 365],
] as const

/** `now`, `42 s ago`, `in 3 m`: one unit, rounded down. */
export function formatAgo(unixMs: number, now: number): string {
  let value = Math.floor(Math.abs(now - unixMs) / 1_000)
  if (value === 0) return 'now'
  const say = (text: string) => (unixMs > now ? `in ${text}` : `${text} ago`)
  for (const [unit, most] of steps) {
    if (value < most) return say(`${value} ${unit}`)
    value = Math.floor(value / most)
  }
  return say(`${value} y`)
}

export function formatTime(time: string, style: TimeStyle, now: number): string {
  const at = Date.parse(time)
  return style === 'relative' ? formatAgo(at, now) : formatInstant(at, { utc: style === 'utc' })
}

/** The local zone's offset at an instant, `UTC+02:00`; `UTC` where there is none. */
export function formatOffset(unixMs: number): string {
  const minutes = -new Date(unixMs).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const sign = minutes < 0 ? '-' : '+'
  const size = Math.abs(minutes)
  return `UTC${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
