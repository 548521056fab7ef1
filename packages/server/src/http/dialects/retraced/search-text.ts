import { limits } from '@indelible/protocol'
import { Refusal } from '../../../base/refusal.ts'
import { crudLetters, unknownCrud } from '../../../intake/dialects/retraced.ts'
import { parseInstant } from '../../../query/instant.ts'
import { combine, type Query, type Term, type Value } from '../../../query/query.ts'
import { wordsOf } from '../../../query/words.ts'

/** What Retraced's `received:` asks for; our own queries know the event's time alone. */
export interface Span {
  /** Unix milliseconds, included. */
  readonly since?: number
  /** Excluded. */
  readonly until?: number
}

export interface RetracedQuery {
  readonly query: Query
  readonly received: Span
}

/** Keywords whose values are compared as a whole, and the field that they are. */
const fields: ReadonlyMap<string, string> = new Map([
  ['action', 'action'],
  ['actor.id', 'actor.id'],
  ['target.id', 'targets.id'],
  ['target.type', 'targets.type'],
  ['group.id', 'context.group.id'],
  ['source_ip', 'context.ip'],
  ['external_id', 'data.external_id'],
  ['component', 'data.component'],
  ['version', 'data.version'],
  ['crud', 'data.crud'],
])
/** Keywords whose words are looked for in the whole event. */
const wordy: ReadonlySet<string> = new Set(['actor.name', 'target.name', 'description', 'location'])
const times: ReadonlySet<string> = new Set(['created', 'received'])

/** Texts that stand between white space; quotes hold it together. */
const piece = /\s*((?:"(?:[^"\\]|\\.)*"|[^\s"])+)/y
const quoted = /"((?:[^"\\]|\\.)*)"/g

/**
 * Retraced's query text: `action:"user.*" crud:c,u received:2026-11-01, "two words"`. All must
 * hold, commas are OR, `-` negates, and what begins with no keyword is a word of the event.
 * @throws Refusal `query-invalid`
 */
export function parseSearchText(text: string, now: number): RetracedQuery {
  if (text.length > limits.queryCharsMax) {
    throw refuse(`it has more than ${limits.queryCharsMax} characters`)
  }
  let query: Query = { terms: [] }
  let received: Span = {}
  for (const token of readTokens(text)) {
    const [, sign = '', keyword = '', rest = ''] = /^(-?)(?:([a-z_.]+):)?(.*)$/s.exec(token) ?? []
    const negated = sign === '-'
    if (times.has(keyword)) {
      if (negated) throw refuse(`"${keyword}:" cannot be negated`)
      const span = readSpan(keyword, rest, now)
      if (keyword === 'created') query = combine(query, { terms: [], ...span })
      else received = intersect(received, span)
    } else {
      const isKeyword = fields.has(keyword) || wordy.has(keyword)
      const whole = keyword === '' || isKeyword ? rest : `${keyword}:${rest}`
      query = combine(query, { terms: [readTerm(isKeyword ? keyword : '', whole, negated)] })
    }
    if (query.terms.length > limits.queryTermsMax) {
      throw refuse(`it has more than ${limits.queryTermsMax} terms`)
    }
  }
  return { query, received }
}

/** What matches both. */
export function intersect(a: Span, b: Span): Span {
  const { since, until } = combine({ terms: [], ...a }, { terms: [], ...b })
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

/** `crud:` for letters. An event that does not say which it is is no mere read, so far as we know. */
export function crudTerm(letters: readonly string[], negated = false): Term {
  const unknown = letters.find((letter) => !crudLetters.includes(letter))
  if (unknown !== undefined) throw refuse('"crud:" takes c, r, u and d')
  const hasAllChanges = ['c', 'u', 'd'].every((letter) => letters.includes(letter))
  const texts = hasAllChanges ? [...letters, unknownCrud] : letters
  return { negated, field: 'data.crud', values: texts.map(exact) }
}

function readTokens(text: string): string[] {
  const tokens: string[] = []
  piece.lastIndex = 0
  for (let at = 0; text.slice(at).trim() !== ''; at = piece.lastIndex) {
    const match = piece.exec(text)
    if (match === null) throw refuse('a quote is not closed')
    tokens.push(match[1] ?? '')
  }
  return tokens
}

function readTerm(keyword: string, text: string, negated: boolean): Term {
  if (unquote(text) === '') throw refuse(`nothing follows "${keyword}:"`)
  const field = fields.get(keyword)
  if (field === undefined) {
    if (wordsOf(unquote(text)).length === 0) throw refuse('a word needs a letter or a digit')
    return { negated, field, values: [{ kind: 'words', text: unquote(text) }] }
  }
  const texts = splitCommas(text).map(unquote)
  if (texts.includes('')) throw refuse(`there is no value beside a comma of "${keyword}:"`)
  if (keyword === 'crud') return crudTerm(texts, negated)
  return { negated, field, values: texts.map(keyword === 'action' ? prefixOrExact : exact) }
}

const exact = (text: string): Value => ({ kind: 'exact', text })
const prefixOrExact = (text: string): Value =>
  text.endsWith('*') ? { kind: 'prefix', text: text.replace(/\*+$/, '') } : exact(text)

/** `A,B`, either of which may be missing; the viewer puts both between one pair of quotes. */
function readSpan(keyword: string, text: string, now: number): Span {
  const [since = '', until, ...more] = unquote(text).split(',')
  if (until === undefined || more.length > 0) {
    throw refuse(`"${keyword}:" takes two times with a comma between them, either may be left out`)
  }
  const read = (at: string): number => {
    const found = parseInstant(at.trim(), now)
    if (found === undefined) throw refuse(`"${keyword}:" takes times such as 2026-11-01T09:30:00Z`)
    return found
  }
  return {
    ...(since === '' ? {} : { since: read(since) }),
    ...(until === '' ? {} : { until: read(until) }),
  }
}

/** At the commas that stand in no quotes. */
const splitCommas = (text: string): string[] =>
  text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+|(?<=^|,)(?=,|$)/g) ?? ['']

const unquote = (text: string): string =>
  text.replaceAll(quoted, (_, inner: string) => inner.replaceAll(/\\(.)/gs, '$1'))

const refuse = (detail: string): Refusal =>
  new Refusal('query-invalid', { detail: `The query cannot be understood: ${detail}.` })
