import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'
import './panel.css'

const icons = { good: 'shield', none: 'shield', unsure: 'alert', bad: 'alert' } as const

/** What came of a look at something: the box says at once whether all is well. */
export function Verdict(props: {
  readonly kind: keyof typeof icons
  readonly title: ReactNode
  readonly children?: ReactNode
  /** Another verdict on the page interrupts whoever hears it already. */
  readonly isQuiet?: boolean
}) {
  const { kind, title, children, isQuiet = false } = props
  const isAlarming = (kind === 'bad' || kind === 'unsure') && !isQuiet
  return (
    <div className={`verdict ${kind}`} role={isAlarming ? 'alert' : undefined}>
      <p className="verdict-title" role={isAlarming || isQuiet ? undefined : 'status'}>
        <Icon name={icons[kind]} /> {title}
      </p>
      {children}
    </div>
  )
}
