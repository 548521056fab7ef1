import { limits } from '@indelible/protocol'
import type { KeptEntry } from '../store/store.ts'
import { readEvent } from './entry.ts'
import { wordlessFields } from './fields.ts'
import { foldCase, isUuid, splitWords } from './words.ts'

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

/**
 * Facts that one value of an event stands for. A value that was met lately gives the same object
 * again, and whoever derives something from it can leave that in `memo`, which is theirs.
 */
export interface FactGroup {
  readonly facts: readonly string[]
  memo: { readonly tenant: string; readonly text: string } | undefined
}

const groupOf = (facts: readonly string[]): FactGroup => ({ facts, memo: undefined })

type Event = Readonly<Record<string, unknown>>
type FactEntry = Pick<KeptEntry, 'type' | 'received' | 'parts'>

/** Values and paths remembered; forgotten all at once when there are more. */
const rememberedMax = 50_000
/**
 * Longer paths are not: callers choose names. Facts of 25 events with a name of 100 kB, and a
 * thousand members below it, would be 5 GB.
 */
const rememberedCharsMax = 200

/** Values remembered of one path before it is asked whether remembering them pays. */
const valuesOfPathMax = 500

/** A path of events, and what the values met there lately stand for. */
interface PathNode {
  readonly path: string
  readonly members: Map<string, PathNode>
  /** Undefined where values hardly recur (ids, addresses): they would only fill the memory. */
  values: Map<unknown, FactGroup> | undefined
  /** Values found again since `values` was empty. */
  hits: number
}
const createNode = (path: string): PathNode => ({
  path,
  members: new Map(),
  values: new Map(),
  hits: 0,
})

/**
 * Reads the facts of entries, and their time in Unix milliseconds; between groups a fact can
 * recur. Most of what events hold (agents, actions, plans, names) recurs, so facts are remembered
 * by path and value: measured on 450-byte events, that halves the time of indexing.
 */
export function createFactReader() {
  let root = createNode('')
  let remembered = 0
  let timeGroup = groupOf([])

  function readTime(time: string): FactGroup {
    const hour = hourFact(time)
    if (timeGroup.facts[0] !== hour) {
      timeGroup = groupOf([hour, dayFact(time), monthFact(time)])
    }
    return timeGroup
  }

  function enter(node: PathNode, name: string): PathNode {
    const known = node.members.get(name)
    if (known !== undefined) return known
    const member = createNode(node === root ? name : `${node.path}.${name}`)
    if (member.path.length > rememberedCharsMax) member.values = undefined
    else {
      node.members.set(name, member)
      remembered++
    }
    return member
  }

  function remember(
    node: PathNode,
    values: Map<unknown, FactGroup>,
    value: unknown,
    of: FactGroup,
  ) {
    values.set(value, of)
    remembered++
    if (values.size < valuesOfPathMax) return
    node.values = node.hits > 2 * values.size ? new Map() : undefined
    node.hits = 0
  }

  function readScalar(node: PathNode, value: string | number | boolean | null): FactGroup {
    // What never recurs or is long would only push out what does.
    if (typeof value === 'string' && (value.length > factCharsMax || isUuid(value))) {
      return readString(node.path, value)
    }
    const { values } = node
    const known = values?.get(value)
    if (known !== undefined) {
      node.hits++
      return known
    }
    const facts =
      typeof value === 'string'
        ? readString(node.path, value)
        : groupOf(listValueFacts(node.path, String(value)))
    if (values !== undefined) remember(node, values, value, facts)
    return facts
  }

  /** @returns how many facts there are by now; stops soon after `factsMax` */
  function addValue(groups: FactGroup[], count: number, node: PathNode, value: unknown): number {
    if (count > factsMax) return count
    if (Array.isArray(value)) {
      return value.reduce((total, element) => addValue(groups, total, node, element), count)
    }
    if (typeof value === 'object' && value !== null) {
      return addMembers(groups, count, node, value as Event) // from JSON: own members of any kind
    }
    const group = readScalar(node, value as string | number | boolean | null) // what JSON has left
    groups.push(group)
    return count + group.facts.length
  }

  function addMembers(groups: FactGroup[], count: number, node: PathNode, members: Event): number {
    let total = count
    for (const name in members) {
      if (node === root && wordlessFields.has(name)) continue
      total = addValue(groups, total, enter(node, name), members[name])
    }
    return total
  }

  function readEventFacts(event: Event, received: number): FactGroup[] {
    if (remembered >= rememberedMax) {
      root = createNode('')
      remembered = 0
    }
    const groups: FactGroup[] = [readTime(timeOf(event, received))]
    if (typeof event.outcome !== 'string') groups.push(groupOf([outcomelessFact]))
    const count = addMembers(groups, 0, root, event)
    return count <= factsMax ? groups : cutFacts(groups)
  }

  return {
    readFacts(entry: FactEntry): { groups: FactGroup[]; time: number } {
      const event = readEvent(entry.parts)
      const groups = readEventFacts(event, entry.received)
      if (entry.type !== 'event') groups.push(groupOf([typeFact(entry.type)]))
      return { groups, time: Date.parse(timeOf(event, entry.received)) }
    },
  }
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

/** None at a path that is longer than any query. */
const listValueFacts = (path: string, text: string): string[] =>
  path.length > limits.queryCharsMax ? [] : [valueFact(path, text)]

function readString(path: string, value: string): FactGroup {
  if (path === 'action') return readAction(value)
  const facts = listValueFacts(path, value)
  const words = splitWords(foldCase(value))
  const isWhole = words.length === 1 && words[0] === value && value.length <= factCharsMax
  if (!isWhole || !wholeWords.has(path)) for (const word of words) facts.push(wordFact(word))
  return groupOf(facts)
}

/** The first of its dotted prefixes stands for its first word, where that is just as written. */
function readAction(action: string): FactGroup {
  const facts = [valueFact('action', action)]
  for (let dot = action.indexOf('.'); dot !== -1; dot = action.indexOf('.', dot + 1)) {
    facts.push(actionFact(action.slice(0, dot + 1)))
  }
  const words = splitWords(foldCase(action))
  const first = words[0]
  const implied = first !== undefined && action.startsWith(first) && action[first.length] === '.'
  for (const word of implied ? words.slice(1) : words) facts.push(wordFact(word))
  return groupOf(facts)
}

function cutFacts(groups: readonly FactGroup[]): FactGroup[] {
  const facts = new Set(groups.flatMap((group) => group.facts))
  return [groupOf([...facts].slice(0, factsMax)), groupOf([overflowFact])]
}
