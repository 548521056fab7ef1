import { limits } from '@indelible/protocol'
import type { Refusal } from '../base/refusal.ts'
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
      `more than the ${limits.queryCharsMax} characters that a query can have,`,
    )
  }
  const scanner = new Scanner(q)
  let query: Query = { terms: [] }
  for (scanner.skipWhiteSpace(); !scanner.done; scanner.skipWhiteSpace()) {
    if (query.terms.length === limits.queryTermsMax) {
      throw scanner.fault(`a term beyond the ${limits.queryTermsMax} that a query can have`)
    }
    query = combine(query, readTerm(scanner, now))
  }
  return query
}

function readTerm(scanner: Scanner, now: number): Query {
  const start = scanner.at
  const negated = scanner.take('-')
  if (negated && (scanner.isBreak || scanner.next === '-')) {
    throw scanner.fault('a stray `-`', 'it negates the one term that follows it', start)
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
    throw scanner.fault(`no field name, \`${name.text}\`,`, 'quote it if it is one', name.at)
  }
  const field = shortForms.get(name.text) ?? name.text
  if (field === 'since' || field === 'until' || field.includes('.') || rootFields.has(field)) {
    return field
  }
  throw scanner.fault(
    `no field \`${name.text}\``,
    `the short forms are ${[...shortForms.keys()].join(', ')}; other fields are paths, such as ` +
      `action, actor.id or data.${name.text}`,
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
  if (negated) throw scanner.fault(`a negated \`${bound}:\``, 'use the other bound', start)
  const piece = scanner.readPiece(true)
  const at = parseInstant(piece.text, now)
  if (at === undefined) throw scanner.fault('no instant', boundFault(bound), piece.at)
  if (!scanner.isBreak) throw scanner.fault('more than an instant', boundFault(bound))
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
      throw scanner.fault('a stray `-`', 'it negates a whole term; quote it otherwise', piece.at)
    }
    values.push(readValue(scanner, piece, field))
  }
  if (scanner.isBreak) return values
  if (scanner.next === '*' || scanner.q.charAt(scanner.at - 1) === '*') {
    const star = scanner.next === '*' ? scanner.at : scanner.at - 1
    throw scanner.fault('a stray `*`', 'it can only end a value; quote it otherwise', star)
  }
  throw scanner.fault(`a stray \`${scanner.next}\``, needsQuotes)
}

const needsQuotes =
  'a value ends at white space or a comma; quote one that holds those or any of , ( ) : " *'

function readValue(scanner: Scanner, piece: Piece, field: string | undefined): Value {
  const prefix = scanner.take('*')
  if (piece.text === '' && !piece.quoted && !(prefix && field !== undefined)) {
    throw missingValue(scanner, piece, field)
  }
  if (field !== undefined) return { kind: prefix ? 'prefix' : 'exact', text: piece.text }
  if (wordsOf(piece.text).length === 0) {
    throw scanner.fault('no word', 'a word needs a letter or a digit', piece.at)
  }
  return { kind: prefix ? 'prefix' : 'words', text: piece.text }
}

function missingValue(scanner: Scanner, piece: Piece, field: string | undefined): Refusal {
  const before = scanner.q.charAt(scanner.at - 1)
  if (before === '*') return scanner.fault('no word before `*`', undefined, piece.at)
  if (!scanner.isBreak && scanner.next !== ',') {
    return scanner.fault(`a stray \`${scanner.next}\``, needsQuotes)
  }
  if (scanner.next === ',' || before === ',') return scanner.fault('no value beside a comma')
  return scanner.fault(`no value after \`${field}:\``, '`""` is the empty one, `*` any')
}
