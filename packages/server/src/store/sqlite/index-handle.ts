import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from './open.ts'

/** How often a reader looks whether a rebuilt index took the place of the one it holds. */
const pointerCheckMs = 500

/** A reader's handle of the index file in use, reopened when another file takes its place. */
export function createIndexHandle(options: {
  /** Path of the index file in use. */
  readonly readPath: () => string
  /** By a steady clock. */
  readonly now: () => number
}) {
  let path: string | undefined
  let database: DatabaseSync | undefined
  let checkedAt = Number.NEGATIVE_INFINITY
  return {
    current(): DatabaseSync {
      const now = options.now()
      if (database === undefined || now - checkedAt >= pointerCheckMs) {
        checkedAt = now
        const inUse = options.readPath()
        if (database === undefined || inUse !== path) {
          const opened = openDatabase({
            path: inUse,
            synchronous: 'NORMAL',
            readOnly: true,
            cacheKib: 4 * 1024,
          })
          database?.close()
          database = opened
          path = inUse
        }
      }
      return database
    },
    close(): void {
      database?.close()
    },
  }
}
