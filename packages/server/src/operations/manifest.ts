import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../base/message-of.ts'
import { Edge } from '../ledger/edge.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { readInstanceId } from '../store/sqlite/schema.ts'

/** What a backup says of itself; written last, so a folder without it is no whole backup. */
export interface BackupManifest {
  readonly format: 'indelible-backup/v1'
  /** Id of the data folder it is a copy of. */
  readonly instance: string
  /** RFC 3339. */
  readonly created: string
  readonly logs: readonly BackedUpLog[]
}

export interface BackedUpLog {
  readonly tenant: string
  readonly origin: string
  readonly size: number
  /** Root at `size`, hex. */
  readonly root: string
  /** The last signed checkpoint in the backup; null before the first. */
  readonly checkpoint: string | null
}

const manifestFormat = 'indelible-backup/v1'

export function backupPaths(folder: string) {
  return {
    folder,
    log: join(folder, 'log.db'),
    manifest: join(folder, 'backup.json'),
    seed: join(folder, 'seed'),
  }
}

/** All that a manifest says of the log.db beside it. */
export async function describeLogs(
  log: DatabaseSync,
): Promise<Pick<BackupManifest, 'format' | 'instance' | 'logs'>> {
  const { heads, checkpoints } = await createAuditStore({ log }).readSnapshot()
  const noteOf = (tenant: string) => checkpoints.find((kept) => kept.tenant === tenant)?.note
  return {
    format: manifestFormat,
    instance: readInstanceId(log),
    logs: heads.map(({ tenant, origin, size, edge }) => ({
      tenant,
      origin,
      size,
      root: new Edge(size, edge).root().toString('hex'),
      checkpoint: noteOf(tenant) ?? null,
    })),
  }
}

/** @throws Error with a sentence for the operator */
export function readManifest(folder: string): BackupManifest {
  const { manifest, log } = backupPaths(folder)
  if (!existsSync(manifest) || !existsSync(log)) {
    throw new Error(`${folder} is no whole backup: it must hold backup.json and log.db.`)
  }
  try {
    const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    if (isManifest(parsed)) return parsed
  } catch (error) {
    throw new Error(`${manifest} can't be read: ${messageOf(error)}.`)
  }
  throw new Error(`${manifest} is not a manifest of the format ${manifestFormat}.`)
}

function isManifest(value: unknown): value is BackupManifest {
  if (typeof value !== 'object' || value === null) return false
  const { format, instance, logs } = value as Record<string, unknown>
  return format === manifestFormat && typeof instance === 'string' && Array.isArray(logs)
}
