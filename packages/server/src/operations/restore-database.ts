import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readOrCreateSeed } from '../config/seed.ts'
import { describeLog } from '../verify/audit.ts'
import { createCopier } from './copier.ts'
import { openDatabaseTarget } from './copy-database.ts'
import { assertPrefix } from './copy-entries.ts'
import { openFolderSource } from './copy-folder.ts'
import { assertSeedFits } from './copy-seed.ts'
import { backupPaths, readManifest } from './manifest.ts'
import {
  assertNotBehind,
  auditCopy,
  type RestoreReport,
  type RestoreSettings,
  restoredNote,
  stateOf,
} from './restore-checks.ts'
import type { DatabaseAddress } from './store-address.ts'
import { trustKeys } from './trust-keys.ts'

/**
 * Puts a backup into a database without logs, after auditing it against the seed and the guard.
 * The database is marked as being filled until everything is there, so a crash leaves one on which
 * no node starts, and the same command goes on.
 * @throws Error with a sentence for the operator, DatabaseOutOfReachError
 */
export async function restoreDatabase(
  options: RestoreSettings & { readonly address: DatabaseAddress },
): Promise<RestoreReport> {
  const { address, backup, originHost, newGeneration = false } = options
  if (newGeneration) {
    throw new Error(
      'A new generation is begun in a data folder: restore into one with --new-generation, then ' +
        'take it to the database with "indelible copy".',
    )
  }
  readManifest(backup)
  const seed = readSeed(options)
  await using source = openFolderSource(backup)
  const heads = await source.reading.listLogs()
  assertSeedFits(seed, heads)
  await using target = await openDatabaseTarget({ address, seed })
  const mark = await target.readMove()
  const present = await target.reading.listLogs()
  const isOwn = (await target.readInstance()).id === source.instance.id
  if (present.length > 0 && !(isOwn && mark?.state === 'filling' && mark.other === source.name)) {
    throw new Error(`${target.name} has logs. A backup is restored into a database without any.`)
  }
  await assertPrefix(source, target, heads)
  const known = await target.guard.list()
  // None at all is a database that was never signed from, as a folder without guard.db.
  const guarded = known.length === 0 ? undefined : known
  const audit = await auditCopy(backupPaths(backup).log, guarded, seed, options)
  const missing = assertNotBehind(heads, audit.findings, guarded, undefined, options)
  const id = mark?.state === 'filling' ? mark.id : randomUUID()
  const instance = { id: source.instance.id, originHost }
  await target.begin(instance, { state: 'filling', other: source.name, id })
  const unguarded = { ...source, listGuard: async () => [] }
  const trusted = trustKeys(seed)
  await createCopier({ ...options, source: unguarded, target, trusted }).copyLast()
  await target.guard.advance(missing.map((head) => ({ from: undefined, to: stateOf(head) })))
  await target.finish()
  return { logs: heads.map(describeLog), newGeneration, replaced: undefined, notes: [restoredNote] }
}

function readSeed({ seedFile, backup }: RestoreSettings): Uint8Array {
  const included = backupPaths(backup).seed
  const path = seedFile ?? (existsSync(included) ? included : undefined)
  if (path !== undefined) return readOrCreateSeed(path, false)
  throw new Error('The seed that the logs are signed with is needed: name it with --seed-file.')
}
