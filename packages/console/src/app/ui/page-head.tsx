import type { ReactNode } from 'react'

/** How a page begins: its name, what it is for in a line, and what one can do here. */
export const PageHead = (props: {
  readonly title: string
  readonly children: ReactNode
  readonly actions?: ReactNode
}) => (
  <header className="page-head">
    <div>
      <h1>{props.title}</h1>
      <p>{props.children}</p>
    </div>
    {props.actions === undefined ? null : <div className="page-actions">{props.actions}</div>}
  </header>
)
