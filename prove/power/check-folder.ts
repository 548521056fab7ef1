import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Edge } from '../../packages/server/src/ledger/edge.ts'
import { backupPaths, readManifest } from '../../packages/server/src/operations/manifest.ts'
import { folderPaths, readIndexPath } from '../../packages/server/src/store/sqlite/folder.ts'
import { type Files, isSame } from '../journal/image.ts'
import type { Expected } from './expectations.ts'
import { type InspectedLog, type Inspection, inspectLog } from './inspect-log.ts'

/**
 * Checks what power cuts left of data folders and backups.
 * @param seed of all of them
 */
export function createFolderCheck(seed: Uint8Array) {
  const inspect = keepWhileSame<Inspection>(['log.db', 'log.db-wal', 'log.db-journal'])
  const list = keepWhileSame<Guards>(['guard.db', 'guard.db-wal', 'guard.db-journal'])
  /**
   * What of the promises is broken.
   * @param files what lies in the folder, by name
   */
  return async (folder: string, files: Files, expected: Expected): Promise<string[]> => {
    const paths = folderPaths(folder)
    const proof = expected.isBackup ? backupPaths(folder).manifest : paths.log
    if (!existsSync(proof)) return checkAbsence(expected)
    try {
      readIndexPath(paths)
      const isReadOnly = !files.has('log.db-journal')
      const log = await inspect(files, () => inspectLog(paths.log, isReadOnly))
      if (log.logs.size === 0) return checkAbsence(expected)
      const guards = () => list(files, async () => readGuards(paths.guard))
      return [
        ...checkKept(log, expected),
        ...log.faults,
        ...checkSeed(paths.seed, seed, expected),
        ...(expected.isBackup
          ? checkManifest(folder, log)
          : checkGuard(await guards(), log, expected)),
      ]
    } catch (error) {
      return [`it can't be read: ${error}`, ...checkAbsence(expected)]
    }
  }
}

/** Keeps a result for as long as the files that it is made of stay what they were. */
function keepWhileSame<Result>(names: readonly string[]) {
  let last:
    | { readonly contents: readonly (Buffer | undefined)[]; readonly result: Result }
    | undefined
  return async (files: Files, make: () => Promise<Result>): Promise<Result> => {
    const contents = names.map((name) => files.get(name))
    if (last?.contents.every((content, n) => isSame(content, contents[n]))) return last.result
    const result = await make()
    last = { contents, result }
    return result
  }
}

function checkSeed(path: string, seed: Uint8Array, { mustExist }: Expected): string[] {
  if (!existsSync(path)) return mustExist ? ['the seed is lost'] : []
  return readFileSync(path).equals(seed) ? [] : ['the seed is not whole']
}

function checkAbsence({ mustExist, kept }: Expected): string[] {
  const lost = [...kept.keys()].map((name) => `acknowledged and lost: ${name}`)
  return mustExist ? [...lost, 'there is no log in it'] : []
}

function checkKept({ entries, logs }: Inspection, { kept, keys, shown }: Expected): string[] {
  const faults: string[] = []
  for (const [name, { index, hash }] of kept) {
    const entry = entries.get(name)
    if (entry === undefined) faults.push(`acknowledged and lost: ${name}`)
    else if (entry.index !== index || entry.hash !== hash) {
      faults.push(`acknowledged and changed: ${name}`)
    }
  }
  for (const [tenant, size] of shown) {
    const signed = logs.get(tenant)?.signed ?? 0
    if (signed < size)
      faults.push(`${tenant}: a checkpoint of ${size} was shown, ${signed} is kept`)
  }
  for (const [tenant, given] of keys) {
    const head = logs.get(tenant)?.head
    const has = [head?.vkey, ...(head?.formerKeys ?? []).map(({ vkey }) => vkey)]
    if (!given.every((vkey) => has.includes(vkey))) faults.push(`${tenant}: lost a key`)
  }
  return faults
}

/** What the manifest claims, the backup has. */
function checkManifest(folder: string, { logs }: Inspection): string[] {
  return readManifest(folder).logs.flatMap(({ tenant, size, root }) => {
    const head = logs.get(tenant)?.head
    const has = head && new Edge(head.size, head.edge).root().toString('hex')
    return head?.size === size && has === root ? [] : [`${tenant}: not what its manifest says`]
  })
}

/** At least as far as the checkpoint, no further than the log, and of the same tree. */
function checkGuard(guards: Guards, { logs }: Inspection, expected: Expected): string[] {
  const origins = new Set([...logs.values()].map(({ head }) => head.origin))
  const lost = [...guards.keys()].filter((origin) => !origins.has(origin))
  return [
    ...[...logs.values()].flatMap((log) => compareWithGuard(log, guards, expected)),
    ...lost.map((origin) => `${origin} is guarded and has no log`),
  ]
}

type Guards = ReadonlyMap<string, Pick<InspectedLog['head'], 'size' | 'edge'>>

function compareWithGuard(
  { head, signed, edges }: InspectedLog,
  guards: Guards,
  { isRestored, shown }: Expected,
): string[] {
  const { tenant, origin, size } = head
  const guard = guards.get(origin)
  const guarded = guard?.size ?? 0
  const isOurs = !isRestored || shown.has(tenant)
  if (isOurs && signed > guarded) return [`${tenant}: signed at ${signed}, guarded at ${guarded}`]
  if (guarded > size) return [`${tenant}: guarded at ${guarded}, kept ${size}`]
  const isSame = guard === undefined || edges[guarded]?.equals(guard.edge) === true
  return isSame ? [] : [`${tenant}: another tree than the guard's`]
}

/** What guard.db remembers, by origin. */
function readGuards(path: string): Guards {
  if (!existsSync(path)) return new Map()
  const isReadOnly = !existsSync(`${path}-journal`)
  using database = new DatabaseSync(path, { readOnly: isReadOnly })
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
}
