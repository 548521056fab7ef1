import { limits } from '@indelible/protocol'
import { bucketStart, coverTime, nextBucket } from './buckets.ts'
import {
  actionFact,
  dayFact,
  factCharsMax,
  hourFact,
  monthFact,
  outcomelessFact,
  outcomes,
  overflowFact,
  typeFact,
  valueFact,
  wholeWordFields,
  wordFact,
} from './facts.ts'
import { isLedgerField } from './fields.ts'
import { numberText } from './filter.ts'
import type { Query, Term, Value } from './query.ts'
import { foldCase, splitWords, wordsOf } from './words.ts'

/**
 * Facts to look up: groups are ANDed, the facts of a group ORed. Every entry that matches the query
 * carries a fact of each group. The reverse holds only if `exact`, and then only for entries that
 * do not carry `overflowFact`.
 */
export interface TermPlan {
  readonly groups: readonly (readonly string[])[]
  readonly exact: boolean
}

export interface Plan {
  readonly groups: readonly (readonly string[])[]
  /**
   * The earliest time that the groups allow though the query does not bound it: the log's first
   * when the plan was made. An entry of an earlier time that was indexed since needs another plan.
   */
  readonly assumedFirst: number | undefined
}

/** Facts of one group and of a whole plan: beyond them a scan with recheck is no slower. */
const groupFactsMax = 400
const planFactsMax = 1_000
const timeFactsMax = 200
/** Room for clocks that run ahead, of callers and of other nodes. */
const aheadMs = limits.futureTimeMsMax + 86_400_000

/**
 * @param log What is known of the log: the span of its times, and the clock, which bounds how late
 *   a time can be. Without them an open end leaves time out of the plan.
 */
export function planQuery(
  query: Query,
  log: { span?: { first: number; last: number } | undefined; now: number },
): Plan {
  const { groups } = planTerms(query)
  const { since, until } = query
  if (since === undefined && until === undefined) return { groups, assumedFirst: undefined }
  const first = since ?? log.span?.first
  const latest = Math.max(log.span?.last ?? log.now, log.now) + aheadMs
  const facts = first === undefined ? undefined : coverRange(first, until ?? Infinity, latest)
  if (facts === undefined) return { groups, assumedFirst: undefined }
  const assumedFirst = since === undefined ? first : undefined
  return { groups: [...groups, [...facts, overflowFact]], assumedFirst }
}

/** An end beyond any time that can be is moved to where the fewest facts cover the range. */
function coverRange(first: number, until: number, latest: number): string[] | undefined {
  const ends = (['day', 'month'] as const).map((interval) =>
    Math.min(until, nextBucket(bucketStart(latest, interval), interval)),
  )
  const covers = ends.map((end) => coverTime(first, end, timeFactsMax))
  return covers.reduce((a, b) =>
    a === undefined || (b !== undefined && b.length < a.length) ? b : a,
  )
}

/** The plan of a query's terms, its bounds of time aside. */
export function planTerms(query: Query): TermPlan {
  const plans = query.terms.map(planTerm)
  const groups: (readonly string[])[] = []
  let room = planFactsMax
  let exact = plans.every((plan) => plan.exact)
  for (const group of plans.flatMap((plan) => plan.groups)) {
    room -= group.length
    if (group.length > groupFactsMax || room < 0) exact = false
    else groups.push([...group, overflowFact])
  }
  return { groups, exact }
}

const unplanned: TermPlan = { groups: [], exact: false }

function planTerm(term: Term): TermPlan {
  if (term.negated) return planNegated(term)
  const plans = term.values.map((value) => planValue(term.field, value))
  const [only] = plans
  if (only !== undefined && plans.length === 1) return only
  if (plans.some((plan) => plan.groups.length === 0)) return unplanned
  // One group of each alternative still holds every match of the alternative.
  const groups = [plans.flatMap((plan) => plan.groups[0] ?? [])]
  return { groups, exact: plans.every((plan) => plan.exact && plan.groups.length === 1) }
}

/**
 * Only of outcomes is it known which others there are. Other negations are left to the recheck: a
 * collision of hashed facts must never hide an entry.
 */
function planNegated(term: Term): TermPlan {
  if (term.field !== 'outcome' || term.values.some((value) => value.kind !== 'exact')) {
    return unplanned
  }
  const excluded = new Set(term.values.map((value) => value.text))
  const others = outcomes.filter((outcome) => !excluded.has(outcome))
  const facts = others.map((outcome) => valueFact('outcome', outcome))
  return { groups: [[...facts, outcomelessFact]], exact: true }
}

function planValue(field: string | undefined, value: Value): TermPlan {
  if (field === undefined) return planWords(value)
  if (isLedgerField(field)) return planLedgerField(field, value)
  if (field === 'time') return planTimeField(value)
  if (value.kind === 'prefix') return planPrefix(field, value.text)
  const texts = new Set([value.text, numberText(value.text)])
  const facts = Array.from(texts, (text) => valueFact(field, text))
  return { groups: [facts], exact: texts.size === 1 && value.text.length <= factCharsMax }
}

/** Every entry of a log has its tenant; index, hash and received are no facts. */
function planLedgerField(field: string, { kind, text }: Value): TermPlan {
  if (field !== 'type' || kind !== 'exact' || text === 'event') return unplanned
  return { groups: [[typeFact(text)]], exact: true }
}

const beginsWithMonth = /^\d{4}-\d{2}/
const beginsWithDay = /^\d{4}-\d{2}-\d{2}/
const beginsWithHour = /^\d{4}-\d{2}-\d{2}T\d{2}.*Z?$/

function planTimeField({ kind, text }: Value): TermPlan {
  // An exact time is that of an event, kept in UTC; anything else is found by scan.
  if (kind === 'exact' && !(text.length === 24 && text.endsWith('Z'))) return unplanned
  if (beginsWithHour.test(text)) return { groups: [[hourFact(text)]], exact: false }
  if (beginsWithDay.test(text)) return { groups: [[dayFact(text)]], exact: false }
  return beginsWithMonth.test(text) ? { groups: [[monthFact(text)]], exact: false } : unplanned
}

/** Up to the last separator that no word can hold, the words of a prefix are whole. */
const upToSeparator = /^.*[^A-Za-z0-9_.\-\u{80}-\u{10ffff}]/su

function planPrefix(field: string, prefix: string): TermPlan {
  if (field === 'action') {
    const dotted = prefix.slice(0, prefix.lastIndexOf('.') + 1)
    if (dotted !== '') return { groups: [[actionFact(dotted)]], exact: dotted === prefix }
  }
  const words = wordsOf(upToSeparator.exec(prefix)?.[0] ?? '')
  return { groups: wordGroups(words), exact: false }
}

function planWords({ kind, text }: Value): TermPlan {
  const words = splitWords(foldCase(text))
  const whole = kind === 'prefix' ? words.slice(0, -1) : words
  const [only = ''] = words
  // `v1` is no word of the action `v1.2`, though that begins with `v1.`.
  const exact = kind === 'words' && words.length === 1 && only.length <= factCharsMax
  return { groups: wordGroups(whole), exact: exact && !/\d$/.test(only) }
}

/** One group a word, the longest, likely the rarest, first. */
function wordGroups(words: readonly string[]): string[][] {
  const longestFirst = Array.from(new Set(words)).sort((a, b) => b.length - a.length)
  return longestFirst.map((word) => [
    wordFact(word),
    actionFact(`${word}.`),
    ...wholeWordFields.map((field) => valueFact(field, word)),
  ])
}
