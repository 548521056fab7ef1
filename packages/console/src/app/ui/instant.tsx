import { usePreferences } from '../preferences/preferences.tsx'
import { formatInstant, formatTime } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'

/** A time as the reader wants times; with nothing there, the word for that. */
export function Instant(props: { readonly time: string | null; readonly none?: string }) {
  const { time, none = 'never' } = props
  const { timeStyle } = usePreferences()
  const now = useNow(timeStyle === 'relative')
  if (time === null) return <span className="faint">{none}</span>
  const title = formatInstant(Date.parse(time), { utc: true })
  return (
    <time dateTime={time} title={`${title} UTC`}>
      {formatTime(time, timeStyle, now).replace(/:\d\d$/, '')}
    </time>
  )
}
