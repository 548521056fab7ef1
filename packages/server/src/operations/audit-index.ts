import { existsSync } from 'node:fs'
import { messageOf } from '../base/message-of.ts'
import { folderPaths, readIndexPath } from '../store/sqlite/folder.ts'
import { readIndexState } from '../store/sqlite/index-file.ts'
import { isIndexOf } from '../store/sqlite/indexer.ts'
import { openDatabase, readPragma } from '../store/sqlite/open.ts'
import { readInstanceId } from '../store/sqlite/schema.ts'
import type { Finding } from '../verify/finding.ts'

/** The index is derived: damaged, or of another log, it answers wrongly and can be made anew. */
export function auditIndex(folder: string): Finding[] {
  const paths = folderPaths(folder)
  const detail = 'The index is not of this log. Run "indelible reindex".'
  try {
    const path = readIndexPath(paths)
    if (!existsSync(path)) return []
    const log = openDatabase({
      path: paths.log,
      synchronous: 'FULL',
      readOnly: true,
      cacheKib: 256,
    })
    const index = openDatabase({ path, synchronous: 'NORMAL', readOnly: true, cacheKib: 256 })
    try {
      const state = readIndexState(index)
      const fits = state !== undefined && isIndexOf(log, readInstanceId(log), state)
      if (!fits) return [{ code: 'index-broken', detail }]
      const check = String(readPragma(index, 'quick_check(1)'))
      const damage = `The index is damaged: ${check}. Run "indelible reindex".`
      return check === 'ok' ? [] : [{ code: 'index-broken', detail: damage }]
    } finally {
      index.close()
      log.close()
    }
  } catch (error) {
    return [{ code: 'index-broken', detail: `The index can't be read: ${messageOf(error)}.` }]
  }
}
