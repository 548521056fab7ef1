import type { Clock } from '../base/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { AdminChange } from '../store/store.ts'
import type { Tables } from './directory-tables.ts'
import { put, remove } from './records.ts'

const usedPrefix = 'key-used:'

/** When keys were last used: kept in memory on every request, and written down now and then. */
export function createKeyUses(options: {
  readonly ledger: Pick<Ledger, 'touch'>
  readonly clock: Clock
  /** What administration knows now. */
  readonly tables: () => Tables
}) {
  const { ledger, clock, tables } = options
  const lastUsed = new Map<string, number>()
  const unwritten = new Set<string>()
  const readKept = (id: string): number => Number(tables().setting.get(usedPrefix + id)?.value ?? 0)
  const putUse = (id: string, at: number): AdminChange => {
    const setting = usedPrefix + id
    return put('setting', setting, { id: setting, value: at })
  }
  return {
    /** Remembers that a key was used. On every request's path: no I/O. */
    markUsed(id: string): void {
      lastUsed.set(id, clock())
      unwritten.add(id)
    },
    /** When the key was last used, Unix milliseconds; undefined if never. */
    lastUsed(id: string): number | undefined {
      const latest = Math.max(readKept(id), lastUsed.get(id) ?? 0)
      return latest === 0 ? undefined : latest
    },
    /** The change that makes room for when a key was last used; part of making it. */
    expectUse: (id: string): AdminChange => putUse(id, 0),
    /** The change that forgets when a key was used; part of revoking it. */
    forgetUse(id: string): AdminChange {
      lastUsed.delete(id)
      unwritten.delete(id)
      return remove('setting', usedPrefix + id)
    },
    async write(): Promise<void> {
      const ids = [...unwritten]
      unwritten.clear()
      const changes = ids.flatMap((id) => {
        const at = lastUsed.get(id)
        // The ledger touches only what exists: a key revoked since leaves nothing behind. And
        // another node may have served it since.
        const isNews = at !== undefined && tables().key.has(id) && readKept(id) < at
        return isNews ? [putUse(id, at)] : []
      })
      if (changes.length === 0) return
      await ledger.touch(changes).catch((error: unknown) => {
        for (const id of ids) unwritten.add(id)
        throw error
      })
    },
  }
}
