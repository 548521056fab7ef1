const two = (value: number): string => String(value).padStart(2, '0')

const offsetOf = (date: Date): string => {
  const minutes = -date.getTimezoneOffset()
  const sign = minutes < 0 ? '-' : '+'
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
}

/**
 * An instant for people, in the zone of this machine or in UTC, and always with its zone when
 * `isPrecise`; text that is no instant stays as it is.
 */
export function formatInstant(
  text: string,
  options: { isUtc: boolean; isPrecise?: boolean },
): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return text
  if (options.isUtc) {
    const iso = date.toISOString()
    return options.isPrecise === true ? iso : iso.slice(0, 19).replace('T', ' ')
  }
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  if (options.isPrecise !== true) return `${day} ${time}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')} ${offsetOf(date)}`
}
