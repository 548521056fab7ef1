import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOrCreateSeed } from '../config/seed.ts'
import { assertWhole } from '../store/move.ts'
import { type Moment, readMoment } from '../store/postgres/moment.ts'
import { folderPaths } from '../store/sqlite/folder.ts'
import { createTarget, finishBackup } from './backup-files.ts'
import type { CopySource } from './copied-store.ts'
import { createCopier } from './copier.ts'
import { openDatabaseSource } from './copy-database.ts'
import { openFolderTarget } from './copy-folder.ts'
import { openDatabase } from './database.ts'
import { type BackupManifest, backupPaths } from './manifest.ts'
import type { OperationOptions } from './operation-options.ts'
import type { DatabaseAddress } from './store-address.ts'
import { trustKeys } from './trust-keys.ts'

/**
 * Backs up a database into a folder of the same form as a data folder's backup, while nodes run on
 * it: heads, checkpoints and administration of one moment, then the entries below those heads,
 * each recomputed on the way. The guard stays behind, as it does there.
 */
export async function backupDatabase(
  options: OperationOptions & {
    readonly address: DatabaseAddress
    readonly target: string
    readonly includeSeed?: boolean
    readonly seedFile?: string
  },
): Promise<BackupManifest> {
  const { address, target, includeSeed = false, seedFile } = options
  if (includeSeed && seedFile === undefined) {
    throw new Error('Name the seed that is to be included with --seed-file.')
  }
  const seed = seedFile === undefined ? undefined : readOrCreateSeed(seedFile, false)
  await using source = await openDatabaseSource(address)
  assertWhole(await source.readMove())
  const moment = await readDatabaseMoment(address)
  createTarget(target)
  const folder = join(target, 'unfinished')
  {
    await using copy = openFolderTarget(folder)
    const mark = { state: 'filling', other: source.name, id: randomUUID() } as const
    await copy.begin(source.instance, mark)
    const view = viewAt(source, moment)
    const trusted = trustKeys(seed)
    await createCopier({ ...options, source: view, target: copy, trusted }).copyLast()
    await copy.finish()
  }
  renameSync(folderPaths(folder).log, backupPaths(target).log)
  rmSync(folder, { recursive: true })
  return finishBackup(target, includeSeed ? seedFile : undefined)
}

async function readDatabaseMoment(address: DatabaseAddress): Promise<Moment> {
  await using database = await openDatabase(address, { name: 'indelible backup', connections: 1 })
  return await readMoment(database.pool)
}

/** The source as it was, without its guard. */
function viewAt(source: CopySource, { heads, checkpoints, admin }: Moment): CopySource {
  const byTenant = new Map(checkpoints.map((checkpoint) => [checkpoint.tenant, checkpoint]))
  return {
    ...source,
    reading: { ...source.reading, listLogs: async () => [...heads] },
    audit: { ...source.audit, readCheckpoint: async (tenant) => byTenant.get(tenant) },
    admin: { listAdmin: async (kind) => admin.filter((record) => record.kind === kind) },
    listGuard: async () => [],
  }
}
