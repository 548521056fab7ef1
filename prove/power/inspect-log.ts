import { hash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { parseVerifierKey, VerificationError, verifyCheckpoint } from '@indelible/proof'
import { Edge } from '../../packages/server/src/ledger/edge.ts'
import { hashLeaf } from '../../packages/server/src/ledger/leaf.ts'
import { createAuditStore } from '../../packages/server/src/store/sqlite/audit-store.ts'
import { migrateLog, readSchemaState } from '../../packages/server/src/store/sqlite/schema.ts'
import type {
  AuditStore,
  LogHead,
  PlacedEntry,
  StoredCheckpoint,
} from '../../packages/server/src/store/store.ts'
import { nameOf } from '../clients/clients.ts'
import { parseBatch } from './expectations.ts'

/** What a log.db holds, whatever it should hold. */
export interface Inspection {
  /** What is wrong with it by itself. */
  readonly faults: readonly string[]
  readonly entries: ReadonlyMap<string, { readonly index: number; readonly hash: string }>
  readonly logs: ReadonlyMap<string, InspectedLog>
}

export interface InspectedLog {
  readonly head: LogHead
  /** Size of its checkpoint; 0 where it has none. */
  readonly signed: number
  /** The tree at each size from 0 on. */
  readonly edges: readonly Buffer[]
}

const nothing: Inspection = { faults: [], entries: new Map(), logs: new Map() }

/** Contents seen last, by their hash: most cuts leave one that another left, too. */
const inspectionsMax = 256
const inspections = new Map<string, Inspection>()

/**
 * Opens a log.db as a restart would, and looks at all that it keeps.
 * @param isReadOnly SQLite still recovers what the WAL holds, and writes neither of the two
 */
export async function inspectLog(path: string, isReadOnly: boolean): Promise<Inspection> {
  using log = new DatabaseSync(path, { readOnly: isReadOnly })
  const { found, known } = readSchemaState(log)
  if (found === 0) return nothing
  // Every page as SQLite recovered it: the same bytes hold the same.
  const content = hash('sha256', log.serialize())
  const seen = inspections.get(content)
  if (seen !== undefined) return seen
  if (found < known && isReadOnly) return inspectLog(path, false)
  if (found < known) migrateLog(log)
  const { integrity_check: integrity } = log.prepare('PRAGMA integrity_check(1)').get() ?? {}
  const inspection = await inspect(createAuditStore({ log }))
  const faults = integrity === 'ok' ? [] : [`SQLite says ${integrity}`]
  const whole = { ...inspection, faults: [...faults, ...inspection.faults] }
  if (inspections.size >= inspectionsMax) inspections.clear()
  inspections.set(content, whole)
  return whole
}

async function inspect(store: AuditStore): Promise<Inspection> {
  const { heads, checkpoints, strays } = await store.readSnapshot({ withStrays: true })
  const faults = strays.map(({ tenant, what }) => `${tenant}: ${what}`)
  const entries = new Map<string, { index: number; hash: string }>()
  const logs = new Map<string, InspectedLog>()
  for (const head of heads) {
    const { tenant } = head
    const placed = await store.readPlaced(tenant, 0, Number.MAX_SAFE_INTEGER)
    const checkpoint = checkpoints.find((one) => one.tenant === tenant)
    const edges = growTree(head, placed, faults)
    faults.push(...(await checkIds(store, tenant, placed)))
    if (checkpoint !== undefined) faults.push(...(await checkCheckpoint(head, checkpoint, edges)))
    for (const entry of placed) {
      const hash = Buffer.from(entry.hash).toString('hex')
      entries.set(nameOf({ tenant, id: idOf(entry) }), { index: entry.index, hash })
    }
    logs.set(tenant, { head, signed: checkpoint?.size ?? 0, edges })
  }
  return { faults: [...faults, ...checkBatches(entries.keys())], entries, logs }
}

/** Gapless, hashed as kept, never back in time, and the tree that the head remembers. */
function growTree(head: LogHead, entries: readonly PlacedEntry[], faults: string[]): Buffer[] {
  const { tenant, size } = head
  const edge = new Edge(0, new Uint8Array())
  const edges = [edge.toBytes()]
  let received = 0
  for (const entry of entries) {
    if (entry.index !== edge.size) faults.push(`${tenant}: a gap before ${entry.index}`)
    if (entry.received < received) faults.push(`${tenant}: back in time at ${entry.index}`)
    received = entry.received
    const leaf = hashLeaf(entry)
    if (!Buffer.from(leaf, 'latin1').equals(entry.hash)) faults.push(`${tenant}: changed`)
    edge.append(leaf)
    edges.push(edge.toBytes())
  }
  if (edge.size !== size) faults.push(`${tenant}: ${edge.size} entries, the head says ${size}`)
  if (!edge.toBytes().equals(head.edge)) faults.push(`${tenant}: another tree than the head's`)
  return edges
}

/** Each id leads to its entry: else it would be taken as new when it is sent again. */
async function checkIds(
  store: AuditStore,
  tenant: string,
  entries: readonly PlacedEntry[],
): Promise<string[]> {
  const places = await store.readPlaces(tenant, entries.map(idOf))
  return entries.flatMap(({ place }, n) =>
    places[n] === place ? [] : [`${tenant}: the id of entry ${n} does not lead to it`],
  )
}

async function checkCheckpoint(
  { tenant, vkey, formerKeys = [], size }: LogHead,
  { note, size: signed }: StoredCheckpoint,
  edges: readonly Buffer[],
): Promise<string[]> {
  if (signed > size) return [`${tenant}: signed at ${signed}, kept ${size}`]
  // After a rotation the former key's stands until the next round signs anew.
  const keys = [vkey, ...formerKeys.map((former) => former.vkey)].map(parseVerifierKey)
  try {
    const { root } = await verifyCheckpoint(note, keys)
    const edge = edges[signed]
    if (edge !== undefined && new Edge(signed, edge).root().equals(root)) return []
    return [`${tenant}: its checkpoint is of another tree`]
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    return [`${tenant}: its checkpoint does not verify: ${error.message}`]
  }
}

function checkBatches(names: Iterable<string>): string[] {
  const counts = new Map<string, { kept: number; sent: number }>()
  for (const name of names) {
    if (name.startsWith('_system/')) continue
    const { request, count } = parseBatch(name)
    const known = counts.get(request)
    if (known === undefined) counts.set(request, { kept: 1, sent: count })
    else known.kept++
  }
  return [...counts]
    .filter(([, count]) => count.kept !== count.sent)
    .map(([request, count]) => `half a batch: ${count.kept} of ${count.sent} of ${request}`)
}

const idOf = ({ parts }: PlacedEntry): string => String(JSON.parse(parts.core).id)
