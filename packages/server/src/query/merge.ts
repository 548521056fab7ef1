import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import type { Direction, KeptEntry, ReadStore } from '../store/store.ts'
import type { Position } from './cursor.ts'
import { countChars } from './entry.ts'
import { type Plan, planQuery, planTerms } from './plan.ts'
import type { Query } from './query.ts'

/** Entries fetched at once: parts can be large, so the bound is low. */
const chunkEntriesMax = 256
/**
 * Text of the candidates held for all logs together: what one log alone can take. Thousands of
 * logs with a few large entries each would fill the memory; beyond it, where an entry is is kept,
 * and the entry is read again when its turn comes.
 */
const heldCharsMax = chunkEntriesMax * limits.eventBytesMax

export interface MergeOptions {
  readonly store: ReadStore
  readonly clock: Clock
}

export interface MergeRequest {
  readonly tenants: readonly string[]
  readonly query: Query
  readonly order: Direction
  /** Candidates come after it; undefined: from the very first. */
  readonly after: Position | undefined
  /** How many will likely be taken: sizes the first fetch. */
  readonly expected: number
}

/**
 * The order of entries across logs: by `received`, then tenant (by code unit), then index.
 * Newest first is its exact reverse. Within one log it is the order of the log.
 */
export function comparePositions(a: Position, b: Position): number {
  if (a.received !== b.received) return a.received - b.received
  if (a.tenant !== b.tenant) return a.tenant < b.tenant ? -1 : 1
  return a.index - b.index
}

/**
 * Candidates of a query over any number of logs, in order, fetched as they are taken. They are a
 * superset of what matches: each must be rechecked.
 */
export async function* mergeCandidates(
  options: MergeOptions,
  request: MergeRequest,
): AsyncGenerator<KeptEntry, void, undefined> {
  const { tenants, expected } = request
  const chunk = Math.min(chunkEntriesMax, Math.ceil(expected / Math.max(1, tenants.length)) + 1)
  const held = { chars: 0 }
  let sources: Source[] = []
  // One by one: all at once would hold a chunk of every log before any of it is counted.
  for (const tenant of new Set(tenants)) {
    const source = await openSource(options, request, tenant, chunk, held)
    if (source.head !== undefined) sources.push(source)
  }
  const sign = request.order === 'oldest-first' ? 1 : -1
  while (sources.length > 0) {
    const first = sources.reduce((a, b) => (sign * compareHeads(a, b) <= 0 ? a : b))
    const kept = await first.read()
    if (kept !== undefined) yield kept
    await first.advance()
    if (first.head === undefined) sources = sources.filter((source) => source !== first)
  }
}

const compareHeads = (a: Source, b: Source): number =>
  a.head === undefined || b.head === undefined ? 0 : comparePositions(a.head, b.head)

interface Source {
  /** Where the candidate at hand is; undefined at the end. */
  head: Position | undefined
  /** The candidate at hand, once. */
  read(): Promise<KeptEntry | undefined>
  advance(): Promise<void>
}

async function openSource(
  options: MergeOptions,
  request: MergeRequest,
  tenant: string,
  firstChunk: number,
  held: { chars: number },
): Promise<Source> {
  const fetch = await createFetch(options, request, tenant)
  let from = await locate(options.store, request, tenant)
  let buffer: readonly (KeptEntry | Position)[] = []
  let at = 0
  let size = firstChunk
  let ended = from === 'end'
  const source: Source = {
    head: undefined,
    async read() {
      const { head } = source
      if (head === undefined) return undefined
      if (isKept(head)) {
        held.chars -= countChars(head)
        return head
      }
      return (await options.store.readRange(tenant, head.index, head.index + 1, 1))[0]
    },
    async advance() {
      if (at === buffer.length && !ended && from !== 'end') {
        const found = await fetch(from, size)
        buffer = hold(found, held)
        at = 0
        ended = found.length < size
        from = found.at(-1)?.index ?? from
        size = Math.min(chunkEntriesMax, size * 2)
      }
      source.head = buffer[at]
      at = Math.min(at + 1, buffer.length)
    },
  }
  await source.advance()
  return source
}

const isKept = (head: KeptEntry | Position): head is KeptEntry => 'parts' in head

/** What was found, as it is while there is room, else only where it is. */
function hold(found: KeptEntry[], held: { chars: number }): readonly (KeptEntry | Position)[] {
  const chars = found.reduce((sum, kept) => sum + countChars(kept), 0)
  if (held.chars + chars > heldCharsMax) {
    return found.map(({ tenant, index, received }) => ({ tenant, index, received }))
  }
  held.chars += chars
  return found
}

type Fetch = (from: number | undefined, limit: number) => Promise<KeptEntry[]>

/**
 * An open lower bound of time is planned from the log's first time. While we read, the indexer may
 * bring an acknowledged, back-dated entry into the index: then the plan is made anew.
 */
async function createFetch(
  { store, clock }: MergeOptions,
  { query, order }: MergeRequest,
  tenant: string,
): Promise<Fetch> {
  const makePlan = async (): Promise<Plan> => {
    if (query.until === undefined && query.since === undefined) {
      return { groups: planTerms(query).groups, assumedFirst: undefined }
    }
    return planQuery(query, { span: await store.readTimeSpan(tenant), now: clock() })
  }
  let plan = await makePlan()
  return async (from, limit) => {
    for (;;) {
      const { groups, assumedFirst } = plan
      const found = await store.findCandidates({ tenant, groups, direction: order, from, limit })
      if (assumedFirst === undefined) return found
      const span = await store.readTimeSpan(tenant)
      if (span !== undefined && span.first >= assumedFirst) return found
      plan = await makePlan()
    }
  }
}

/**
 * Where to go on in a log: the index of the last entry up to the position, exclusive bound of what
 * follows. The position names one log's index; in the others it is searched for by `received`,
 * which never goes backwards.
 */
async function locate(
  store: ReadStore,
  { order, after }: MergeRequest,
  tenant: string,
): Promise<number | undefined | 'end'> {
  if (after === undefined) return undefined
  if (after.tenant === tenant) return after.index
  const log = await store.readLog(tenant)
  if (log === undefined || log.size === 0) return 'end'
  const before = await countUpTo(store, tenant, log.size, after)
  if (order === 'newest-first') return before === 0 ? 'end' : before
  return before === 0 ? undefined : before - 1
}

/** How many of a log's entries come before the position: a binary search. */
async function countUpTo(
  store: ReadStore,
  tenant: string,
  size: number,
  after: Position,
): Promise<number> {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = (low + high) >>> 1
    const [entry] = await store.readRange(tenant, middle, middle + 1, 1)
    if (entry !== undefined && comparePositions(entry, after) < 0) low = middle + 1
    else high = middle
  }
  return low
}
