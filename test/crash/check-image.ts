import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Head } from '@indelible/protocol'
import { Edge } from '../../packages/server/src/ledger/edge.ts'
import { hashLeaf } from '../../packages/server/src/ledger/leaf.ts'
import { createAuditStore } from '../../packages/server/src/store/sqlite/audit-store.ts'
import { folderPaths } from '../../packages/server/src/store/sqlite/folder.ts'
import type { AuditStore, LogHead, PlacedEntry } from '../../packages/server/src/store/store.ts'
import { parseBatch } from './expectations.ts'

/** What a crash image must still hold. */
export interface Expected {
  readonly acknowledged: readonly Head[]
  readonly seed: Uint8Array
}

/** Opens a crash image as a restart would, and says what of the ledger's promises is broken. */
export async function checkImage(folder: string, expected: Expected): Promise<string[]> {
  const paths = folderPaths(folder)
  const faults = checkSeed(paths.seed, expected)
  if (!existsSync(paths.log)) return [...faults, ...missing(expected.acknowledged, new Map())]
  const log = new DatabaseSync(paths.log) // to write: a restart rolls back what it finds half done
  try {
    log.exec('PRAGMA synchronous = OFF') // of the image, which nobody needs again
    const isNew = log.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'log'").get() === undefined
    if (isNew) return [...faults, ...missing(expected.acknowledged, new Map())]
    return [...faults, ...(await checkLogs(createAuditStore({ log }), paths.guard, expected))]
  } catch (error) {
    return [...faults, `log.db cannot be read: ${error}`]
  } finally {
    log.close()
  }
}

function checkSeed(path: string, { seed }: Expected): string[] {
  if (!existsSync(path)) return []
  return readFileSync(path).equals(seed) ? [] : ['the seed is not whole']
}

async function checkLogs(
  store: AuditStore,
  guardPath: string,
  { acknowledged }: Expected,
): Promise<string[]> {
  const { heads, checkpoints, strays } = await store.readSnapshot()
  const faults = strays.map(({ tenant, what }) => `${tenant}: ${what}`)
  const kept = new Map<string, PlacedEntry>()
  const guards = readGuards(guardPath)
  for (const head of heads) {
    const { tenant, origin, size } = head
    const entries = await store.readPlaced(tenant, 0, Number.MAX_SAFE_INTEGER)
    faults.push(...checkTree(head, entries, guards.get(origin)))
    const signed = checkpoints.find((checkpoint) => checkpoint.tenant === tenant)?.size ?? 0
    const guarded = guards.get(origin)?.size ?? 0
    if (signed > guarded) faults.push(`${tenant}: signed at ${signed}, guarded at ${guarded}`)
    if (guarded > size) faults.push(`${tenant}: guarded at ${guarded}, kept ${size}`)
    guards.delete(origin)
    for (const entry of entries) kept.set(`${tenant}/${idOf(entry)}`, entry)
  }
  for (const origin of guards.keys()) faults.push(`${origin} is guarded and has no log`)
  return [...faults, ...checkBatches(kept), ...missing(acknowledged, kept)]
}

/** Gapless, hashed as kept, and the tree that the head and the guard remember. */
function checkTree(
  head: LogHead,
  entries: readonly PlacedEntry[],
  guard: Pick<LogHead, 'size' | 'edge'> | undefined,
): string[] {
  const { tenant, size } = head
  const faults: string[] = []
  const edge = new Edge(0, new Uint8Array())
  const compare = (name: string, kept: Uint8Array) => {
    if (!edge.toBytes().equals(kept)) faults.push(`${tenant}: another tree than the ${name}'s`)
  }
  for (const entry of entries) {
    if (entry.index !== edge.size) faults.push(`${tenant}: a gap before ${entry.index}`)
    const leaf = hashLeaf(entry)
    if (!Buffer.from(leaf, 'latin1').equals(entry.hash)) faults.push(`${tenant}: changed`)
    edge.append(leaf)
    if (edge.size === guard?.size) compare('guard', guard.edge)
  }
  if (edge.size !== size) faults.push(`${tenant}: ${edge.size} entries, the head says ${size}`)
  compare('head', head.edge)
  return faults
}

function checkBatches(kept: ReadonlyMap<string, PlacedEntry>): string[] {
  const counts = new Map<string, { kept: number; sent: number }>()
  for (const name of kept.keys()) {
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

function missing(acknowledged: readonly Head[], kept: ReadonlyMap<string, PlacedEntry>): string[] {
  return acknowledged.flatMap(({ tenant, id, index, hash }) => {
    const entry = kept.get(`${tenant}/${id}`)
    if (entry === undefined) return [`acknowledged and lost: ${id}`]
    const isSame = entry.index === index && Buffer.from(entry.hash).toString('hex') === hash
    return isSame ? [] : [`acknowledged and changed: ${id}`]
  })
}

const idOf = ({ parts }: PlacedEntry): string => String(JSON.parse(parts.core).id)

/** What guard.db remembers, by origin. */
function readGuards(path: string): Map<string, Pick<LogHead, 'size' | 'edge'>> {
  if (!existsSync(path)) return new Map()
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA synchronous = OFF')
    const isNew =
      database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'guard'").get() === undefined
    if (isNew) return new Map()
    const rows = database.prepare('SELECT origin, size, edge FROM guard').all()
    return new Map(
      rows.map((row) => [
        String(row.origin),
        { size: Number(row.size), edge: row.edge as Uint8Array }, // a BLOB of a STRICT table
      ]),
    )
  } finally {
    database.close()
  }
}
