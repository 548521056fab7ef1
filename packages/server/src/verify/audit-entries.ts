import { formatTime } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import { hashLeaf } from '../ledger/leaf.ts'
import type { AuditStore, PlacedEntry } from '../store/store.ts'
import { checkBlocks, type Stretch, toLatin1 } from './audit-blocks.ts'
import type { Finding } from './finding.ts'
import { type Identity, readIdentity } from './identity.ts'

/** What `_system` says of a log that was made, or whose key was rotated: of either, the newest. */
export interface LogRecord {
  readonly tenant: string
  readonly origin: string
  readonly generation: number
  readonly vkey: string
  /** Of a rotation: what became of the former keys. */
  readonly rotation?: RotationRecord
}

export interface RotationRecord {
  /** When the key before ended, Unix milliseconds; NaN: that is not on record. */
  readonly ended: number
  /** Former keys that no longer sign. */
  readonly revoked: readonly string[]
}

export interface StretchReport {
  readonly findings: readonly Finding[]
  /** `received` and place of the first and the last entry, to be compared across stretches. */
  readonly edges: { readonly first: Edges; readonly last: Edges } | undefined
  readonly records: readonly LogRecord[]
}
interface Edges {
  readonly index: number
  readonly received: number
  readonly place: number
}

const rotationStart = '{"action":"log.key-rotated"'
const recordStarts = ['{"action":"log.created"', rotationStart]

/**
 * Audits the entries from <= index < until and the 256-wide subtrees over them: every entry is
 * there, hashes to its leaf, says who it is, and stands in order; every completed subtree is the
 * one kept. Each link is checked with what the store holds on both of its ends, so that one
 * change gives one finding, at its place.
 */
export async function auditEntries(store: AuditStore, stretch: Stretch): Promise<StretchReport> {
  const { tenant, from, until } = stretch
  const { entries, findings: missing } = await readEntries(store, stretch)
  const { hashes, findings: changed } = checkLeaves(entries, stretch)
  const findings: Finding[] = [
    ...missing,
    ...changed,
    ...checkOrder(tenant, entries),
    ...(await checkIdentities(store, stretch, entries)),
  ]
  const isWhole = entries.length === until - from
  findings.push(...(await checkBlocks(store, stretch, { entries, hashes, isWhole })))
  const [first, last] = [entries[0], entries.at(-1)]
  const edges = first === undefined || last === undefined ? undefined : { first, last }
  return {
    findings,
    edges: edges && { first: edgesOf(edges.first), last: edgesOf(edges.last) },
    records: entries.flatMap(readRecord),
  }
}

const edgesOf = ({ index, received, place }: PlacedEntry): Edges => ({ index, received, place })

/** A page that can't be read costs the entries on it: then each entry is tried on its own. */
async function readEntries(store: AuditStore, { tenant, from, until }: Stretch) {
  const findings: Finding[] = []
  let entries: PlacedEntry[] = []
  const unreadable = new Set<number>()
  try {
    entries = await store.readPlaced(tenant, from, until)
  } catch {
    for (let index = from; index < until; index++) {
      try {
        entries.push(...(await store.readPlaced(tenant, index, index + 1)))
      } catch (error) {
        unreadable.add(index)
        const detail = `Entry ${index} can't be read: ${messageOf(error)}.`
        findings.push({ tenant, index, code: 'entry-unreadable', detail })
      }
    }
  }
  if (entries.length + unreadable.size < until - from) {
    const present = new Set(entries.map(({ index }) => index).concat(...unreadable))
    for (let index = from; index < until; index++) {
      if (present.has(index)) continue
      const start = index
      while (index + 1 < until && !present.has(index + 1)) index++
      findings.push(describeMissing(tenant, start, index + 1))
    }
  }
  return { entries, findings }
}

function describeMissing(tenant: string, index: number, until: number): Finding {
  const what =
    until - index === 1
      ? `Entry ${index} is missing`
      : `Entries ${index} to ${until - 1} are missing`
  return { tenant, index, until, code: 'entry-missing', detail: `${what}: removed from the store.` }
}

/** @returns the leaf hashes that are kept, latin1, beside what is wrong with them */
function checkLeaves(entries: readonly PlacedEntry[], { tenant }: Stretch) {
  const findings: Finding[] = []
  const hashes: string[] = []
  for (const entry of entries) {
    const { index } = entry
    const computed = hashLeaf(entry)
    if (isSameHash(entry.hash, computed)) {
      hashes.push(computed)
      continue
    }
    hashes.push(toLatin1(entry.hash))
    const detail =
      `Entry ${index} was changed: its parts, time, type and salts no longer hash to the leaf ` +
      'hash kept with it.'
    findings.push({ tenant, index, code: 'entry-changed', detail })
  }
  return { hashes, findings }
}

/** Byte by byte: a string made of each kept hash to compare costs ten times as much. */
function isSameHash(kept: Uint8Array, latin1: string): boolean {
  if (kept.length !== latin1.length) return false
  for (let n = 0; n < latin1.length; n++) if (kept[n] !== latin1.charCodeAt(n)) return false
  return true
}

function checkOrder(tenant: string, entries: readonly PlacedEntry[]): Finding[] {
  const findings: Finding[] = []
  for (let n = 1; n < entries.length; n++) {
    const [before, entry] = [entries[n - 1], entries[n]]
    if (before !== undefined && entry !== undefined) {
      findings.push(...compareNeighbours(tenant, before, entry))
    }
  }
  return findings
}

/** Both grow along with the index, unless entries changed places. */
export function compareNeighbours(tenant: string, before: Edges, after: Edges): Finding[] {
  const { index } = after
  const code = 'order-broken'
  if (after.received < before.received) {
    const [earlier, later] = [formatTime(before.received), formatTime(after.received)]
    const detail = `Entry ${index} was received at ${later}, before entry ${before.index} (${earlier}).`
    return [{ tenant, index, code, detail }]
  }
  if (after.place <= before.place) {
    const detail = `Entry ${index} was appended before entry ${before.index}: they changed places.`
    return [{ tenant, index, code, detail }]
  }
  return []
}

/** Every entry names its own tenant, and its id leads to it and to nothing else. */
async function checkIdentities(
  store: AuditStore,
  stretch: Stretch,
  entries: readonly PlacedEntry[],
): Promise<Finding[]> {
  const identities = entries.map(({ parts }) => readIdentity(parts.core))
  const { places, fault } = await readPlaces(store, stretch, identities)
  const findings = entries.flatMap((entry, n) =>
    checkIdentity(stretch, entry, identities[n], places === undefined ? 'unknown' : places[n]),
  )
  if (fault === undefined) return findings
  const { tenant, from: index, until } = stretch
  const detail = `The ids of entries ${index} to ${until - 1} can't be read: ${fault}.`
  return [...findings, { tenant, index, until, code: 'id-broken', detail }]
}

/** @param place that the id leads to; `unknown` where that can't be read */
function checkIdentity(
  { tenant, names }: Stretch,
  entry: PlacedEntry,
  identity: Identity | undefined,
  place: number | undefined | 'unknown',
): Finding[] {
  const { index } = entry
  if (identity === undefined) {
    const detail = `Entry ${index} does not say what its id and its tenant are.`
    return [{ tenant, index, code: 'id-broken', detail }]
  }
  const found: Finding[] = []
  if (identity.tenant !== names) {
    const detail = `Entry ${index} names the tenant "${identity.tenant}": it is from another log.`
    found.push({ tenant, index, code: 'tenant-foreign', detail })
  }
  if (place !== 'unknown' && place !== entry.place) {
    const why = place === undefined ? 'is not registered' : 'is registered for another entry'
    const detail = `The id "${identity.id}" of entry ${index} ${why}.`
    found.push({ tenant, index, code: 'id-broken', detail })
  }
  return found
}

/** Where each id leads. */
async function readPlaces(
  store: AuditStore,
  { tenant }: Stretch,
  identities: readonly (Identity | undefined)[],
): Promise<{ places?: readonly (number | undefined)[]; fault?: string }> {
  try {
    const ids = identities.map((identity) => identity?.id ?? '')
    return { places: await store.readPlaces(tenant, ids) }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

/** An entry that was tampered with may say anything. */
const toList = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [])

function readRecord({ tenant, parts }: PlacedEntry): LogRecord[] {
  if (!tenant.startsWith('_') || !recordStarts.some((start) => parts.core.startsWith(start)))
    return []
  try {
    const { origin, generation, vkey, ended, revoked } = JSON.parse(parts.data ?? '{}')
    const [target] = JSON.parse(parts.targets ?? '[]')
    const record = { tenant: String(target?.id), origin, generation, vkey }
    if (!parts.core.startsWith(rotationStart)) return [record]
    return [{ ...record, rotation: { ended: Date.parse(ended), revoked: toList(revoked) } }]
  } catch {
    return []
  }
}
