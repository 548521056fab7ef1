import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/icon.tsx'
import { useTitle } from '../ui/use-title.ts'
import './ended.css'

/** In place of the events, calmly: nothing is broken, and somebody else can mend it. */
export function Ended(props: {
  readonly icon: IconName
  readonly title: string
  readonly children: ReactNode
  readonly onRetry?: (() => void) | undefined
}) {
  const { icon, title, children, onRetry } = props
  // That of the page names what was searched.
  useTitle(title)
  return (
    <main className="ended">
      <div className="notice" role="status">
        <span className="notice-icon">
          <Icon name={icon} />
        </span>
        <h1>{title}</h1>
        <div className="notice-text">{children}</div>
        {onRetry === undefined ? null : (
          <button type="button" className="button" onClick={onRetry}>
            <Icon name="refresh" /> Try again
          </button>
        )}
      </div>
    </main>
  )
}
