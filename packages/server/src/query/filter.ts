import { timeOf } from './facts.ts'
import { type Searchable, scalarText, someValue, wordlessFields } from './fields.ts'
import type { Query, Term, Value } from './query.ts'
import { foldCase, hasSequence, splitWords, wordsOf } from './words.ts'

export type Filter = (entry: Searchable) => boolean

/**
 * What a query means, whatever the index says:
 * - every term holds, and `since` <= the event's time < `until` (`received` where it has none);
 * - a field term holds if any value at its path (see `someValue`) equals one of the term's values as
 *   text: strings exactly, case and all; numbers, booleans and null by their JSON text, and a number
 *   however it is written (`1.50` is 1.5); a prefix if the text begins with it, the empty prefix if
 *   there is anything, an object too;
 * - a bare term holds if the words of one of its values stand in sequence in one string of the event
 *   (`words.ts`), member names, `tenant` and `time` aside;
 * - a negated term holds if it would not hold without `-`. Each term is for the event as a whole.
 */
export function createFilter(query: Query): Filter {
  const tests = query.terms.map((term) => {
    const test = term.field === undefined ? wordTest(term) : fieldTest(term, term.field)
    return term.negated ? (entry: Searchable) => !test(entry) : test
  })
  if (query.since !== undefined || query.until !== undefined) tests.unshift(timeTest(query))
  return (entry) => tests.every((test) => test(entry))
}

function timeTest(query: Query): Filter {
  const since = query.since ?? Number.NEGATIVE_INFINITY
  const until = query.until ?? Number.POSITIVE_INFINITY
  return (entry) => {
    const time = Date.parse(timeOf(entry.event, entry.received))
    return since <= time && time < until
  }
}

function fieldTest(term: Term, field: string): Filter {
  const tests = term.values.map(valueTest)
  const visit = (value: unknown) => tests.some((test) => test(value))
  return (entry) => someValue(entry, field, visit)
}

function valueTest({ kind, text }: Value): (value: unknown) => boolean {
  if (kind === 'prefix') {
    return (value) => text === '' || scalarText(value)?.startsWith(text) === true
  }
  const numeric = numberText(text)
  return (value) =>
    typeof value === 'number' ? String(value) === numeric : scalarText(value) === text
}

const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

/** A number as it is kept, however it is written; any other text as it is. */
export const numberText = (text: string): string =>
  number.test(text) ? String(Number(text)) : text

interface WantedWords {
  readonly words: readonly string[]
  /** The longest of them: the rarest guess, to pass over most strings cheaply. */
  readonly rarest: string
  readonly open: boolean
}

function wordTest(term: Term): Filter {
  const wanted = term.values.map(({ kind, text }): WantedWords => {
    const words = wordsOf(text)
    const rarest = words.reduce((a, b) => (b.length > a.length ? b : a), '')
    return { words, rarest, open: kind === 'prefix' }
  })
  return ({ event }) =>
    Object.keys(event).some((name) => !wordlessFields.has(name) && someString(event[name], wanted))
}

function someString(value: unknown, wanted: readonly WantedWords[]): boolean {
  if (typeof value === 'string') return hasWords(value, wanted)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((member) => someString(member, wanted))
}

function hasWords(text: string, wanted: readonly WantedWords[]): boolean {
  const folded = foldCase(text)
  const likely = wanted.filter(({ rarest }) => folded.includes(rarest))
  if (likely.length === 0) return false
  const found = splitWords(folded)
  return likely.some(({ words, open }) => hasSequence(found, words, open))
}
