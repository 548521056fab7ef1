/**
 * A parsed query: terms are ANDed, a term's values ORed. It means the same whatever answers it:
 * `filter.ts` is its definition, `plan.ts` the index's superset of it.
 */
export interface Query {
  readonly terms: readonly Term[]
  /** Bounds of the event's `time` in Unix milliseconds: `since` included, `until` excluded. */
  readonly since?: number
  readonly until?: number
  /** The bounds as written where they are relative to now: they mean another instant each time. */
  readonly sinceText?: string
  readonly untilText?: string
}

export interface Term {
  readonly negated: boolean
  /** Dotted path; undefined for bare words, which search every string. */
  readonly field: string | undefined
  readonly values: readonly Value[]
}

/**
 * With a field, `exact` is the whole text of a scalar and `prefix` its beginning; the empty prefix
 * means that there is anything at all. Without one, `words` are whole words in sequence, and of a
 * `prefix` the last word may go on.
 */
export interface Value {
  readonly kind: 'exact' | 'prefix' | 'words'
  readonly text: string
}

export const emptyQuery: Query = { terms: [] }

/** What matches both: a viewer token's filter narrows whatever its holder asks. */
export function combine(a: Query, b: Query): Query {
  const later = (b.since ?? Number.NEGATIVE_INFINITY) > (a.since ?? Number.NEGATIVE_INFINITY)
  const earlier = (b.until ?? Number.POSITIVE_INFINITY) < (a.until ?? Number.POSITIVE_INFINITY)
  const { since, sinceText } = later ? b : a
  const { until, untilText } = earlier ? b : a
  return {
    terms: [...a.terms, ...b.terms],
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(sinceText === undefined ? {} : { sinceText }),
    ...(untilText === undefined ? {} : { untilText }),
  }
}

/** The canonical text of a query; parsing it gives the same query. */
export function formatQuery(query: Query): string {
  const parts = query.terms.map(formatTerm)
  if (query.since !== undefined) parts.push(`since:${formatBound(query.since, query.sinceText)}`)
  if (query.until !== undefined) parts.push(`until:${formatBound(query.until, query.untilText)}`)
  return parts.join(' ')
}

const bareField = /^(?!-)[\p{L}\p{N}\p{M}_@$-]+(\.[\p{L}\p{N}\p{M}_@$-]+)*$/u
const bareText = /^[^\s,():"*\\]+$/u

/** Whether a field can be written without quotes. */
export const isBareField = (field: string): boolean => bareField.test(field)

function formatTerm(term: Term): string {
  const field = term.field === undefined ? '' : `${formatField(term.field)}:`
  const values = term.values.map((value) => formatValue(value, term.field === undefined))
  return `${term.negated ? '-' : ''}${field}${values.join(',')}`
}

const formatField = (field: string): string => (isBareField(field) ? field : quote(field))

function formatValue(value: Value, wordless: boolean): string {
  const star = value.kind === 'prefix' ? '*' : ''
  if (value.text === '' && star !== '') return star
  const bare = bareText.test(value.text) && !(wordless && value.text.startsWith('-'))
  return (bare ? value.text : quote(value.text)) + star
}

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

const formatBound = (unixMs: number, text: string | undefined): string =>
  text ?? quote(new Date(unixMs).toISOString())
