import { Popover } from '@base-ui/react/popover'
import { type FormEvent, useState } from 'react'
import { usePreferences } from '../preferences/preferences.tsx'
import { Icon } from '../ui/icon.tsx'
import { formatInstant } from './format.ts'
import { describeRange, presets, type Range, rangeBetween, resolveInstant } from './range.ts'

interface RangePickerProps {
  readonly range: Range
  readonly onRange: (range: Range) => void
}

/** The time range: presets, or two instants in the reader's zone. */
export function RangePicker({ range, onRange }: RangePickerProps) {
  const [open, setOpen] = useState(false)
  const utc = usePreferences().timeStyle === 'utc'
  const label = describeRange(range, (at) => formatInstant(at, { utc }).slice(0, 16))
  const choose = (chosen: Range) => {
    setOpen(false)
    onRange(chosen)
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="button range-button" aria-label={`Time range: ${label}`}>
        <Icon name="clock" />
        <span className="range-label">{label}</span>
        <Icon name="down" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="layer">
          <Popover.Popup className="menu range-popup" aria-label="Time range">
            <div className="range-presets">
              {presets.map(({ label: name, since, until }) => (
                <button
                  key={name}
                  type="button"
                  className="menu-item"
                  aria-pressed={since === range.since && until === range.until}
                  onClick={() => choose({ since, until })}
                >
                  {name}
                </button>
              ))}
            </div>
            <BetweenForm range={range} utc={utc} onRange={choose} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

function BetweenForm({ range, utc, onRange }: RangePickerProps & { readonly utc: boolean }) {
  const [fault, setFault] = useState<string>()
  const fill = (text: string | undefined) => {
    const at = text === undefined ? undefined : resolveInstant(text, Date.now())
    return at === undefined ? '' : formatInstant(at, { utc }).replace(' ', 'T')
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const read = (name: string) => {
      const text = String(form.get(name) ?? '')
      return text === '' ? undefined : Date.parse(utc ? `${text}Z` : text)
    }
    const [since, until] = [read('since'), read('until')]
    if (since === undefined && until === undefined) return setFault('Give a beginning or an end.')
    if (since !== undefined && until !== undefined && since >= until) {
      return setFault('The end must come after the beginning.')
    }
    const whole = rangeBetween(since ?? 0, until ?? 0)
    onRange({
      since: since === undefined ? undefined : whole.since,
      until: until === undefined ? undefined : whole.until,
    })
  }
  return (
    <form className="range-form" onSubmit={submit}>
      <label className="field">
        <span>From {utc ? '(UTC)' : '(local time)'}</span>
        <input type="datetime-local" name="since" step="1" defaultValue={fill(range.since)} />
      </label>
      <label className="field">
        <span>To, excluded</span>
        <input type="datetime-local" name="until" step="1" defaultValue={fill(range.until)} />
      </label>
      {fault === undefined ? null : (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" className="button primary">
        Apply
      </button>
    </form>
  )
}
