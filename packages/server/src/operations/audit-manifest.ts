import type { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../base/message-of.ts'
import type { Finding } from '../verify/finding.ts'
import { describeLogs, readManifest } from './manifest.ts'

/** A backup whose manifest says otherwise than its log.db holds another log, or one of them rotted. */
export async function auditManifest(log: DatabaseSync, folder: string): Promise<Finding[]> {
  try {
    const { created: _, ...said } = readManifest(folder)
    if (isDeepStrictEqual(said, await describeLogs(log))) return []
    const detail = 'backup.json does not describe the log.db beside it.'
    return [{ code: 'manifest-changed', detail }]
  } catch (error) {
    const detail = `backup.json can't be held against its log.db: ${messageOf(error)}`
    return [{ code: 'manifest-changed', detail }]
  }
}
