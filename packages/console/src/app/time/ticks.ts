import { formatInstant } from './format.ts'

const daySeconds = 86_400
/** Half of what a character takes, in the axis' 11 pixels. */
const halfCharacterPixels = 3.2

/** The axis' texts, for times in Unix seconds. One that would be cut off at the end is left out. */
export function formatTicks(
  times: readonly number[],
  axis: {
    readonly utc: boolean
    /** Between two ticks, in seconds. */
    readonly step: number
    readonly from: number
    readonly to: number
    /** Of the axis, in pixels. */
    readonly width: number
  },
): string[] {
  const { from, to, width } = axis
  return times.map((at) => {
    const text = formatTick(at * 1_000, axis)
    const room = ((to - at) / (to - from)) * width
    return room < text.length * halfCharacterPixels ? '' : text
  })
}

/** In one line: the parts of its time that its neighbours do not share. */
function formatTick(at: number, { utc, step }: { readonly utc: boolean; readonly step: number }) {
  const text = formatInstant(at, { utc })
  if (step >= 28 * daySeconds) return text.slice(0, 7)
  if (step >= daySeconds) return text.slice(0, 10)
  // The bars are of whole minutes.
  if (step < 60 && at % 60_000 !== 0) return ''
  return text.slice(11, 16) === '00:00' ? text.slice(5, 10) : text.slice(11, 16)
}
