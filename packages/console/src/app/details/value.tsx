import { createContext, use } from 'react'
import type { FieldValue } from '../table/columns.tsx'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { formatJsonValue } from './diff.ts'

/** What choosing a value does; given by the page. */
export const FilterContext = createContext<(filter: FieldValue, negated: boolean) => void>(
  () => undefined,
)

/** A query is short: longer texts are read here and searched by their words. */
const filterCharsMax = 300

/** One value of an event: choosing it searches for it, the sign beside it excludes it. */
export function Value({ field, value }: { readonly field: string; readonly value: unknown }) {
  const filter = use(FilterContext)
  const text = formatJsonValue(value)
  const shown = visibleText(text)
  if (text.length > filterCharsMax) return <span className="value long">{shown}</span>
  return (
    <span className="value">
      <button
        type="button"
        className="value-text"
        title={`Only ${field}: ${shown}`}
        onClick={() => filter({ field, value: text }, false)}
      >
        <bdi>{text === '' ? '(empty)' : shown}</bdi>
      </button>
      <button
        type="button"
        className="icon-button value-exclude"
        aria-label={`Exclude ${field} ${shown}`}
        title={`Exclude ${field}: ${shown}`}
        onClick={() => filter({ field, value: text }, true)}
      >
        <Icon name="minus" />
      </button>
    </span>
  )
}
