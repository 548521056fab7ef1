import { visibleText } from '../ui/visible-text.ts'
import { type Difference, formatJsonValue } from './diff.ts'
import './details.css'

/** Differences as a person reads them: by member, what went and what came. */
export const DifferenceList = ({
  differences,
}: {
  readonly differences: readonly Difference[]
}) => (
  <ul className="diff">
    {differences.map(({ path, kind, before, after }, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: rows hold no state
      <li key={index}>
        <span className="diff-path">{visibleText(path)}</span>
        {kind === 'added' ? null : <Side sign="−" kind="removed" value={before} />}
        {kind === 'removed' ? null : <Side sign="+" kind="added" value={after} />}
      </li>
    ))}
  </ul>
)

const Side = (props: {
  readonly sign: string
  readonly kind: 'added' | 'removed'
  readonly value: unknown
}) => (
  <span className={`diff-side ${props.kind}`}>
    <span className="diff-sign" role="img" aria-label={props.kind === 'added' ? 'after' : 'before'}>
      {props.sign}
    </span>
    <span className="mono">{visibleText(formatJsonValue(props.value))}</span>
  </span>
)
