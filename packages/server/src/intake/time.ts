import { limits } from '@indelible/protocol'
import { createTimeFormatter, formatTime } from '../base/clock.ts'
import { parseRfc3339 } from '../base/rfc3339.ts'

const ownForm = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const yearZeroEndsMs = Date.parse('0001-01-01T00:00:00.000Z')
const yearTenThousandMs = 253_402_300_800_000

/** A time as kept, or what is wrong with it, as a sentence. */
export type TimeReading =
  | { readonly time: string; readonly fault?: never }
  | { readonly fault: string; readonly time?: never }

/** @param nowMs Unix milliseconds; a time is at most `futureTimeMsMax` after it. */
export type ReadTime = (text: string, nowMs: number) => TimeReading

/** Reads the `time` of events and writes it in UTC with milliseconds. */
export function createTimeReader(): ReadTime {
  const formatLatest = createTimeFormatter()
  // Most times are of one day and already as we keep them; such texts sort as times do.
  let knownDay = ''
  return (text, nowMs) => {
    if (text.startsWith(knownDay) && knownDay !== '' && ownForm.test(text)) {
      if (text <= formatLatest(nowMs + limits.futureTimeMsMax)) return { time: text }
    }
    const unixMs = parseRfc3339(text)
    if (typeof unixMs === 'string') return { fault: unixMs }
    if (unixMs < yearZeroEndsMs || unixMs >= yearTenThousandMs) {
      return { fault: 'The year, in UTC, must be 0001 to 9999.' }
    }
    if (unixMs > nowMs + limits.futureTimeMsMax) {
      const minutes = limits.futureTimeMsMax / 60_000
      return { fault: `Over ${minutes} minutes in the future: it is ${formatTime(nowMs)} here.` }
    }
    const time = formatTime(unixMs)
    knownDay = time.slice(0, 10)
    return { time }
  }
}
