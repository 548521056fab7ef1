import { type ReactNode, useId } from 'react'
import type { Judgement, State } from './judge.ts'

const badges = { fine: 'success', slow: 'slow', stopped: 'failure' } as const

/** The word for how something does; the colour only repeats it. */
export const StateWord = ({ state }: { readonly state: State }) => (
  <span className={`badge ${badges[state]}`}>{state}</span>
)

/** One part of the service: how it does, what that means, and its figures. */
export function Part(props: {
  readonly title: string
  readonly judgement?: Judgement
  readonly children: ReactNode
}) {
  const { title, judgement, children } = props
  const id = useId()
  return (
    <section className="panel service-part" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {judgement === undefined ? null : <StateWord state={judgement.state} />}
      </header>
      {judgement === undefined ? null : <p className="panel-lead">{judgement.why}</p>}
      <div className="service-figures">{children}</div>
    </section>
  )
}

/** A figure under its name; a share of something bounded is drawn, too. */
export const Figure = (props: {
  readonly name: string
  readonly share?: number
  readonly children: ReactNode
}) => (
  <div className="service-figure">
    <span className="service-name">{props.name}</span>
    <span className="service-value">{props.children}</span>
    {props.share === undefined ? null : (
      <meter
        aria-label={props.name}
        value={Math.min(1, props.share)}
        min={0}
        max={1}
        low={0.5}
        high={0.9}
        optimum={0}
      />
    )}
  </div>
)
