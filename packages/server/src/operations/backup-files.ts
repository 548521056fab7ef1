import { copyFileSync, readdirSync } from 'node:fs'
import { formatTime, systemClock } from '../base/clock.ts'
import { syncPath } from '../base/durable-files.ts'
import { Edge } from '../ledger/edge.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { createFolder } from '../store/sqlite/folder.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import { readInstanceId } from '../store/sqlite/schema.ts'
import { type BackupManifest, manifestFormat } from './manifest.ts'

/** @throws Error where there is anything in it */
export function createTarget(target: string): void {
  createFolder(target)
  if (readdirSync(target).length === 0) return
  throw new Error(`${target} is not empty. A backup goes into a new folder.`)
}

/** Reads the copy, not the original: the manifest must say what is in the backup. */
export async function describeBackup(path: string): Promise<BackupManifest> {
  const copy = openDatabase({ path, synchronous: 'FULL', cacheKib: 1024 })
  try {
    const { heads, checkpoints } = await createAuditStore({ log: copy }).readSnapshot()
    const noteOf = (tenant: string) => checkpoints.find((kept) => kept.tenant === tenant)?.note
    return {
      format: manifestFormat,
      instance: readInstanceId(copy),
      created: formatTime(systemClock()),
      logs: heads.map(({ tenant, origin, size, edge }) => ({
        tenant,
        origin,
        size,
        root: new Edge(size, edge).root().toString('hex'),
        checkpoint: noteOf(tenant) ?? null,
      })),
    }
  } finally {
    copy.close()
  }
}

export function copySeed(from: string, to: string): void {
  copyFileSync(from, to)
  syncPath(to)
}
