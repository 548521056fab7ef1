import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { negateTerm, removeTerm, splitTerms } from './terms.ts'

/** The query's terms, each to be turned round or taken out. */
export function Chips(props: { readonly q: string; readonly onRun: (q: string) => void }) {
  const { q, onRun } = props
  const terms = splitTerms(q)
  if (terms.length === 0) return null
  return (
    <ul className="chips" aria-label="Filters">
      {terms.map((term) => (
        <li key={term.start} className="chip" data-negated={term.negated ? '' : undefined}>
          <button
            type="button"
            className="chip-text"
            title={term.negated ? 'Excluded. Click to include' : 'Included. Click to exclude'}
            onClick={() => onRun(negateTerm(q, term))}
          >
            {term.negated ? <span className="chip-not">not</span> : null}
            {term.field === undefined ? null : <span className="chip-field">{term.field}</span>}
            <span>{visibleText(term.value)}</span>
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove ${term.text}`}
            onClick={() => onRun(removeTerm(q, term))}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  )
}
