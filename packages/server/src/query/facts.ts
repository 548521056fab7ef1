import type { KeptEntry } from '../store/store.ts'
import { readEvent } from './entry.ts'
import { wordlessFields } from './fields.ts'
import { foldCase, splitWords } from './words.ts'

/**
 * Facts: what the index knows of an entry, as text (the store hashes them). Whatever matches a
 * query carries the facts that `plan.ts` asks for; the reverse need not hold, since every hit is
 * rechecked. Each fact costs the indexer about a microsecond and some bytes for good, so nothing is
 * said twice, and what every entry of a log has (its tenant) is not said at all.
 */

/** An event of more facts is cut there and marked as a candidate of every query. */
const factsMax = 2_000
/** Longer values and words count by their beginning. */
export const factCharsMax = 200

/** Carried by entries of which not every fact is known. */
export const overflowFact = '!overflow'
/** All that an event's outcome can be. */
export const outcomes = ['success', 'failure', 'denied', 'unknown'] as const
/** Carried by entries without an outcome, which only other types than events can be. */
export const outcomelessFact = '!outcomeless'

/**
 * Fields that mostly hold one word. Where one is a single folded word, its value fact stands for the
 * word too, and a search for the word asks for both: several facts fewer on almost every event.
 */
export const wholeWordFields = [
  ...['id', 'source', 'outcome', 'actor.type', 'actor.id', 'actor.name'],
  ...['targets.type', 'targets.id', 'targets.name'],
  ...['context.ip', 'context.request', 'context.session', 'context.trace', 'context.method'],
] as const
const wholeWords: ReadonlySet<string> = new Set(wholeWordFields)

export const valueFact = (field: string, text: string): string =>
  `${field}=${text.length > factCharsMax ? text.slice(0, factCharsMax) : text}`
export const wordFact = (word: string): string =>
  `w:${word.length > factCharsMax ? word.slice(0, factCharsMax) : word}`
/** @param prefix Beginning of an action up to and with a dot. */
export const actionFact = (prefix: string): string => `action^${prefix}`
export const hourFact = (isoTime: string): string => `h:${isoTime.slice(0, 13)}`
export const dayFact = (isoTime: string): string => `d:${isoTime.slice(0, 10)}`
export const monthFact = (isoTime: string): string => `m:${isoTime.slice(0, 7)}`
export const typeFact = (type: string): string => `type=${type}`

/** What the indexer is told of a kept entry: its facts, and its time in Unix milliseconds. */
export function readFacts(entry: Pick<KeptEntry, 'type' | 'received' | 'parts'>): {
  facts: string[]
  time: number
} {
  const event = readEvent(entry.parts)
  const facts = factsOf(event, entry.received)
  if (entry.type !== 'event') facts.push(typeFact(entry.type))
  return { facts, time: Date.parse(timeOf(event, entry.received)) }
}

/** Distinct facts of a kept entry. */
export const factsOfEntry = (entry: Pick<KeptEntry, 'type' | 'received' | 'parts'>): string[] =>
  readFacts(entry).facts

/**
 * Distinct facts of an event.
 * @param received Unix milliseconds; stands for `time` where an entry has none.
 */
export function factsOf(event: Readonly<Record<string, unknown>>, received = 0): string[] {
  const facts = new Set<string>()
  addTime(facts, timeOf(event, received))
  const { outcome } = event
  if (typeof outcome !== 'string') facts.add(outcomelessFact)
  for (const name in event) {
    const value = event[name]
    if (name === 'action' && typeof value === 'string') addAction(facts, value)
    else if (!wordlessFields.has(name)) addValue(facts, name, value)
  }
  return facts.size < factsMax ? Array.from(facts) : cutFacts(facts)
}

/** The instant that `since`, `until` and time buckets go by, as RFC 3339 in UTC. */
export function timeOf(event: Readonly<Record<string, unknown>>, received: number): string {
  const { time } = event
  if (typeof time === 'string') {
    if (time.length === 24 && time.charCodeAt(23) === 90) return time
    const at = Date.parse(time)
    if (!Number.isNaN(at)) return new Date(at).toISOString()
  }
  return new Date(received).toISOString()
}

function addTime(facts: Set<string>, time: string): void {
  facts.add(hourFact(time))
  facts.add(dayFact(time))
  facts.add(monthFact(time))
}

/** The first of its dotted prefixes stands for its first word, where that is just as written. */
function addAction(facts: Set<string>, action: string): void {
  facts.add(valueFact('action', action))
  for (let dot = action.indexOf('.'); dot !== -1; dot = action.indexOf('.', dot + 1)) {
    facts.add(actionFact(action.slice(0, dot + 1)))
  }
  const words = splitWords(foldCase(action))
  const first = words[0]
  const implied = first !== undefined && action.startsWith(first) && action[first.length] === '.'
  for (let at = implied ? 1 : 0; at < words.length; at++) facts.add(wordFact(words[at] ?? ''))
}

function addValue(facts: Set<string>, path: string, value: unknown): void {
  if (facts.size >= factsMax) return
  if (typeof value === 'string') {
    addString(facts, path, value)
  } else if (typeof value !== 'object' || value === null) {
    facts.add(valueFact(path, String(value)))
  } else if (Array.isArray(value)) {
    for (const element of value) addValue(facts, path, element)
  } else {
    // An object from JSON: own members of unknown kinds.
    const members = value as Record<string, unknown>
    for (const name in members) addValue(facts, `${path}.${name}`, members[name])
  }
}

function addString(facts: Set<string>, path: string, value: string): void {
  facts.add(valueFact(path, value))
  const folded = foldCase(value)
  const words = splitWords(folded)
  if (words.length === 1 && words[0] === value && isShort(value) && wholeWords.has(path)) return
  for (const word of words) facts.add(wordFact(word))
}

const isShort = (value: string): boolean => value.length <= factCharsMax

function cutFacts(facts: Set<string>): string[] {
  const cut = Array.from(facts).slice(0, factsMax)
  cut.push(overflowFact)
  return cut
}
