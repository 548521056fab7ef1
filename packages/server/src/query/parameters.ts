import { limits } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'
import { rootFields, shortForms } from './fields.ts'
import { boundFault, boundQuery, parseQuery } from './grammar.ts'
import { parseInstant } from './instant.ts'
import { combine, emptyQuery, type Query, type Value } from './query.ts'

/** URL parameters as a server decodes them: a repeated one is an array. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The query of a request: `q`, `since`, `until`, and any field path as a parameter
 * (`action=customer.*`, `actor.id=u_1`). All of them must hold; a repeated parameter is OR; a `*` at
 * the end of a value makes it a prefix; everything else in it, a comma too, is literal. Names that
 * can be no field are refused: a typo must not silently return everything.
 *
 * @param parameters Without those of the route itself (limit, cursor, order, tenant, format, …).
 * @param now Unix milliseconds that `now` stands for.
 * @throws Refusal `query-invalid`, naming the parameter, or the column of `q`.
 */
export function parseParameters(parameters: Parameters, now: number): Query {
  const queries = Object.entries(parameters).map(([name, value]) => {
    const values = value === undefined ? [] : typeof value === 'string' ? [value] : value
    if (values.length === 0) return emptyQuery
    if (name === 'q') return parseQuery(onlyValue(name, values), now)
    if (name !== 'since' && name !== 'until') return fieldQuery(name, values)
    const text = onlyValue(name, values)
    const at = parseInstant(text, now)
    if (at === undefined) throw new Refusal('query-invalid', { detail: `${boundFault(name)}.` })
    return boundQuery(name, text, at)
  })
  const query = queries.reduce(combine, emptyQuery)
  if (query.terms.length <= limits.queryTermsMax) return query
  throw new Refusal('query-invalid', {
    detail: `A query has at most ${limits.queryTermsMax} terms; these parameters make ${query.terms.length}.`,
  })
}

function onlyValue(name: string, values: readonly string[]): string {
  const [value, second] = values
  if (value !== undefined && second === undefined) return value
  throw new Refusal('query-invalid', {
    detail: `The parameter \`${name}\` can be given only once.`,
  })
}

function fieldQuery(name: string, values: readonly string[]): Query {
  const field = shortForms.get(name) ?? name
  if (!rootFields.has(field.split('.', 1)[0] ?? '')) {
    throw new Refusal('query-invalid', {
      detail: `\`${name}\` is neither a parameter nor a field; fields are ${[...rootFields].join(', ')} and paths below them.`,
    })
  }
  const characters = values.reduce((sum, value) => sum + value.length, name.length)
  if (characters > limits.queryCharsMax) {
    throw new Refusal('query-invalid', {
      detail: `The parameter \`${name}\` has more than ${limits.queryCharsMax} characters.`,
    })
  }
  return {
    terms: [{ negated: false, field, values: values.map((text) => parameterValue(name, text)) }],
  }
}

function parameterValue(name: string, text: string): Value {
  if (text === '') {
    throw new Refusal('query-invalid', {
      detail: `The parameter \`${name}\` has no value; for the empty one write q=${name}:"".`,
    })
  }
  return text.endsWith('*') ? { kind: 'prefix', text: text.slice(0, -1) } : { kind: 'exact', text }
}
