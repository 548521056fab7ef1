import { limits } from '@indelible/protocol'
import { rootFields, shortForms } from './fields.ts'
import { isRelative, parseInstant } from './instant.ts'
import { combine, isBareField, type Query, type Term, type Value } from './query.ts'
import { type Piece, refuseQuery, Scanner } from './scanner.ts'
import { wordsOf } from './words.ts'

/**
 * Parses a query (design §4): `action:customer.* -outcome:success "two words" since:now-1d`.
 *
 * Terms are ANDed, commas OR the values of a term, `-` negates a term, `*` after a value makes it a
 * prefix. A bare value ends at white space or a comma; one that holds white space or any of
 * `, ( ) : " *` is quoted, where `\` takes the next character as it is. Fields are dotted paths, or
 * the short forms `actor:`, `target:`, `ip:`; a path that never occurs is no fault, since events are
 * open. A term without a field searches the words of every string.
 *
 * @param now Unix milliseconds that `now` stands for.
 * @throws Refusal `query-invalid`, its detail naming the column (in characters, from 1).
 */
export function parseQuery(q: string, now: number): Query {
  if (q.length > limits.queryCharsMax) {
    throw refuseQuery(
      q,
      limits.queryCharsMax,
      `a query has at most ${limits.queryCharsMax} characters; it goes on`,
    )
  }
  const scanner = new Scanner(q)
  let query: Query = { terms: [] }
  for (scanner.skipWhiteSpace(); !scanner.done; scanner.skipWhiteSpace()) {
    if (query.terms.length === limits.queryTermsMax) {
      throw scanner.fault(`a query has at most ${limits.queryTermsMax} terms; another stands`)
    }
    query = combine(query, readTerm(scanner, now))
  }
  return query
}

function readTerm(scanner: Scanner, now: number): Query {
  const start = scanner.at
  const negated = scanner.take('-')
  if (negated && (scanner.isBreak || scanner.next === '-')) {
    throw scanner.fault(
      '`-` negates the one term that follows it; quote it to search for it:',
      start,
    )
  }
  const first = scanner.readPiece(false)
  if (scanner.next !== ':')
    return termQuery(negated, undefined, readValues(scanner, first, undefined))
  const field = fieldOf(scanner, first)
  scanner.at++
  if (field === 'since' || field === 'until') return readBound(scanner, field, negated, start, now)
  const value = scanner.readPiece(false)
  return termQuery(negated, field, readValues(scanner, value, field))
}

const termQuery = (negated: boolean, field: string | undefined, values: Value[]): Query => ({
  terms: [{ negated, field, values } satisfies Term],
})

function fieldOf(scanner: Scanner, name: Piece): string {
  if (name.text === '') throw scanner.fault('a field is missing before `:`')
  if (!name.quoted && !isBareField(name.text)) {
    throw scanner.fault(`\`${name.text}\` is not a field name; quote it if it is one:`, name.at)
  }
  const field = shortForms.get(name.text) ?? name.text
  if (field === 'since' || field === 'until' || field.includes('.') || rootFields.has(field)) {
    return field
  }
  const known = [...shortForms.keys()].join(', ')
  throw scanner.fault(
    `no field \`${name.text}\`: the short forms are ${known}, other fields are paths such as ` +
      `action, actor.id or data.${name.text}; the fault is`,
    name.at,
  )
}

function readBound(
  scanner: Scanner,
  bound: 'since' | 'until',
  negated: boolean,
  start: number,
  now: number,
): Query {
  if (negated) throw scanner.fault(`\`${bound}:\` cannot be negated`, start)
  const piece = scanner.readPiece(true)
  const at = parseInstant(piece.text, now)
  if (at === undefined) throw scanner.fault(`${boundFault(bound)}; the fault is`, piece.at)
  if (!scanner.isBreak) throw scanner.fault(`\`${bound}:\` takes one instant; another thing stands`)
  return boundQuery(bound, piece.text, at)
}

/** What a faulty bound is told, here and for parameters. */
export const boundFault = (bound: string): string =>
  `\`${bound}\` takes an instant such as 2026-11-01, 2026-11-01T09:30:00Z, now or now-1h (s m h d w)`

/** A query of nothing but a bound. */
export function boundQuery(bound: 'since' | 'until', text: string, at: number): Query {
  const relative = isRelative(text)
  if (bound === 'since') return { terms: [], since: at, ...(relative ? { sinceText: text } : {}) }
  return { terms: [], until: at, ...(relative ? { untilText: text } : {}) }
}

function readValues(scanner: Scanner, first: Piece, field: string | undefined): Value[] {
  const values = [readValue(scanner, first, field)]
  while (scanner.take(',')) {
    const piece = scanner.readPiece(false)
    if (field === undefined && !piece.quoted && piece.text.startsWith('-')) {
      throw scanner.fault('`-` negates a whole term; quote it to search for it:', piece.at)
    }
    values.push(readValue(scanner, piece, field))
  }
  if (scanner.isBreak) return values
  if (scanner.next === '*') throw scanner.fault('`*` can only end a value; quote it otherwise:')
  throw scanner.fault(`\`${scanner.next}\` must be quoted, or white space or a comma is missing,`)
}

function readValue(scanner: Scanner, piece: Piece, field: string | undefined): Value {
  const prefix = scanner.take('*')
  if (piece.text === '' && !piece.quoted && !(prefix && field !== undefined)) {
    throw scanner.fault(missingValue(scanner, field), piece.at)
  }
  if (field !== undefined) return { kind: prefix ? 'prefix' : 'exact', text: piece.text }
  if (wordsOf(piece.text).length === 0) {
    throw scanner.fault('a word needs a letter or a digit; there is none', piece.at)
  }
  return { kind: prefix ? 'prefix' : 'words', text: piece.text }
}

function missingValue(scanner: Scanner, field: string | undefined): string {
  if (scanner.q.charAt(scanner.at - 1) === '*') return 'words are missing before `*`'
  if (!scanner.isBreak && scanner.next !== ',') return `\`${scanner.next}\` must be quoted`
  if (scanner.next === ',' || scanner.q.charAt(scanner.at - 1) === ',') {
    return 'a value is missing beside a comma'
  }
  return `a value is missing after \`${field}:\` (\`""\` is the empty one, \`*\` any)`
}
