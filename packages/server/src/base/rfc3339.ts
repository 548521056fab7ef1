const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-](\d{2}):(\d{2}))$/

/**
 * Parses an RFC 3339 time (§5.6; `T` and `Z` in either case, no space for the `T`); digits beyond
 * milliseconds are cut off, never rounded up. A leap second (`:60`) is refused: no clock here could
 * hold it, and moving it would be a change that nobody asked for.
 * @returns Unix milliseconds, or what is wrong, as a sentence
 */
export function parseRfc3339(text: string): number | string {
  const match = text.length > 64 ? null : rfc3339.exec(text)
  if (match === null) return describeShape(text)
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match
  const [fraction = '', zone = '', zoneHour = '0', zoneMinute = '0'] = match.slice(7)
  if (second === '60') return 'Leap seconds can not be kept; send second 59 or the next second 00.'
  const fault =
    findCalendarFault(Number(year), Number(month), Number(day)) ??
    findClockFault(Number(hour), Number(minute), Number(second)) ??
    (Number(zoneHour) > 23 || Number(zoneMinute) > 59
      ? 'The offset must be between -23:59 and +23:59.'
      : undefined)
  if (fault !== undefined) return fault
  const milliseconds = `${fraction}000`.slice(0, 3)
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`)
  const offsetMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000
  return zone.startsWith('-') ? local + offsetMs : local - offsetMs
}

function describeShape(text: string): string {
  return /[Zz]$|[+-]\d{2}:?\d{2}$/.test(text.slice(-6))
    ? 'Not an RFC 3339 time such as 2026-11-20T20:11:00.123Z.'
    : 'Not an RFC 3339 time with an offset, such as 2026-11-20T20:11:00Z or …+01:00.'
}

function findCalendarFault(year: number, month: number, day: number): string | undefined {
  if (year === 0) return 'The year, in UTC, must be 0001 to 9999.'
  if (month < 1 || month > 12) return `There is no month ${month}.`
  // Day 0 of the next month; 2000 + year % 400 has the year's own calendar, and no two digits.
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return day < 1 || day > days ? `There is no day ${day} in that month.` : undefined
}

function findClockFault(hour: number, minute: number, second: number): string | undefined {
  return hour > 23 || minute > 59 || second > 59
    ? 'The time of day must be between 00:00:00 and 23:59:59.'
    : undefined
}
