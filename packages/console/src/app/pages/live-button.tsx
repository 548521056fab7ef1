import type { LiveStatus } from '../table/use-live.ts'
import { Icon } from '../ui/icon.tsx'

const words: Readonly<Record<LiveStatus, string>> = {
  off: 'Off',
  connecting: 'Connecting…',
  live: 'New events appear as they come',
  lost: 'The connection is lost; press twice to try again',
}

/** Follows the log while pressed. */
export function LiveButton(props: {
  readonly active: boolean
  readonly status: LiveStatus
  readonly disabled: boolean
  readonly onToggle: () => void
}) {
  const { active, status, disabled, onToggle } = props
  return (
    <button
      type="button"
      className="button live"
      aria-pressed={active}
      data-status={active ? status : undefined}
      disabled={disabled && !active}
      title={disabled ? 'A range that ends has no live events' : words[active ? status : 'off']}
      onClick={onToggle}
    >
      {active ? <span className="live-dot" aria-hidden="true" /> : <Icon name="play" />}
      Live
    </button>
  )
}
