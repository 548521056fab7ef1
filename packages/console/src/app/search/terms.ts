/**
 * The query's text, taken apart loosely: enough for chips and completion while somebody types. What
 * is a fault, and at which column, the service says.
 */
export interface TermText {
  /** As written, with its `-`. */
  readonly text: string
  readonly start: number
  readonly end: number
  readonly negated: boolean
  /** Its field without quotes; undefined for bare words. */
  readonly field: string | undefined
  /** What stands behind the colon, or the words, as written. */
  readonly value: string
}

/** Where a piece ends that may be quoted in parts: at a character of `ends`, outside of quotes. */
function findEnd(text: string, from: number, ends: RegExp): number {
  let quoted = false
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (quoted && character === '\\') at += 1
    else if (character === '"') quoted = !quoted
    else if (!quoted && ends.test(character)) return at
  }
  return text.length
}

export function splitTerms(q: string): TermText[] {
  const terms: TermText[] = []
  for (let at = 0; at < q.length; ) {
    if (/\s/.test(q.charAt(at))) {
      at += 1
      continue
    }
    const end = findEnd(q, at, /\s/)
    terms.push({ start: at, end, ...describeTerm(q.slice(at, end)) })
    at = end
  }
  return terms
}

function describeTerm(text: string) {
  const negated = text.startsWith('-')
  const body = negated ? text.slice(1) : text
  const colon = findEnd(body, 0, /:/)
  if (colon === body.length) return { text, negated, field: undefined, value: body }
  return { text, negated, field: unquote(body.slice(0, colon)), value: body.slice(colon + 1) }
}

/** A quoted piece's text, even if its quote is not closed yet; others are as they are. */
export function unquote(piece: string): string {
  if (!piece.startsWith('"')) return piece
  let text = ''
  for (let at = 1; at < piece.length && piece.charAt(at) !== '"'; at += 1) {
    if (piece.charAt(at) === '\\') at += 1
    text += piece.charAt(at)
  }
  return text
}

/** Where the value under the caret begins: behind the last comma outside of quotes. */
export function lastValueStart(value: string): number {
  let start = 0
  for (let at = findEnd(value, 0, /,/); at < value.length; at = findEnd(value, start, /,/)) {
    start = at + 1
  }
  return start
}

const bareValue = /^[^\s,():"*\\]+$/u
const bareField = /^(?!-)[\p{L}\p{N}\p{M}_@$-]+(\.[\p{L}\p{N}\p{M}_@$-]+)*$/u

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** A value as a query writes it. */
export const formatValue = (value: string): string => (bareValue.test(value) ? value : quote(value))

/** A field as a query writes it. */
export const formatField = (field: string): string => (bareField.test(field) ? field : quote(field))

/** One filter as a query writes it: `actor.id:u_1`, `-outcome:success`, `"two words"`. */
export function formatTerm(field: string, value: string, negated = false): string {
  return `${negated ? '-' : ''}${formatField(field)}:${formatValue(value)}`
}

/** The query with this filter in it, once, and without its opposite. */
export function addFilter(q: string, field: string, value: string, negated = false): string {
  const wanted = formatTerm(field, value, negated)
  const opposite = formatTerm(field, value, !negated)
  const kept = splitTerms(q).filter(({ text }) => text !== wanted && text !== opposite)
  return [...kept.map(({ text }) => text), wanted].join(' ')
}

export const removeTerm = (q: string, { start }: TermText): string =>
  splitTerms(q)
    .filter((term) => term.start !== start)
    .map(({ text }) => text)
    .join(' ')

export const negateTerm = (q: string, { start }: TermText): string =>
  splitTerms(q)
    .map((term) => {
      if (term.start !== start) return term.text
      return term.negated ? term.text.slice(1) : `-${term.text}`
    })
    .join(' ')
