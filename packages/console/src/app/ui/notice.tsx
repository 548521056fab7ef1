import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

type Kind = 'empty' | 'error' | 'locked'
const icons: Readonly<Record<Kind, IconName>> = {
  empty: 'search',
  error: 'alert',
  locked: 'shield',
}

/** What stands where something would be: nothing found, a fault, no permission. */
export function Notice(props: {
  readonly kind: Kind
  readonly title: string
  /** It is the page's own title, not that of a part of one. */
  readonly isPage?: boolean
  readonly children?: ReactNode
  readonly onRetry?: (() => unknown) | undefined
}) {
  const { kind, title, isPage = false, children, onRetry } = props
  const Title = isPage ? 'h1' : 'h2'
  return (
    <div className={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <span className="notice-icon">
        <Icon name={icons[kind]} />
      </span>
      <Title>{title}</Title>
      <div className="notice-text">{children}</div>
      {onRetry === undefined ? null : (
        <button type="button" className="button" onClick={() => onRetry()}>
          <Icon name="refresh" /> Try again
        </button>
      )}
    </div>
  )
}
