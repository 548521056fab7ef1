import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent, type SystemEvent } from '../ledger/system-event.ts'
import type { AdminChange, AdminStore } from '../store/store.ts'
import { parseRecord, put, type RecordOf, remove } from './records.ts'
import { type Redact, redactRecord } from './redact-record.ts'

/** One administrative act: what changes, and what `_system` says of it. */
export interface Act {
  readonly changes: readonly AdminChange[]
  readonly record: SystemEvent
  /** The log to create along with it. */
  readonly createsLog?: string
}

export type Directory = ReturnType<typeof createDirectory>

type Tables = { readonly [Kind in keyof RecordOf]: Map<string, RecordOf[Kind]> }

const usedPrefix = 'key-used:'

function createTables(): Tables {
  return {
    key: new Map(),
    user: new Map(),
    session: new Map(),
    tenant: new Map(),
    setting: new Map(),
  }
}

/**
 * Everything administration knows, in memory: looked up synchronously, changed only by acts that
 * the ledger has committed. Acts take turns, so that what one decides on still holds when it is
 * committed ("the last admin stays").
 */
export function createDirectory(options: {
  readonly store: AdminStore
  readonly ledger: Pick<Ledger, 'administer' | 'createLog' | 'touch'>
  readonly clock: Clock
  readonly redact?: Redact
}) {
  const { store, ledger, clock, redact } = options
  const listeners = new Set<() => void>()
  const lastUsed = new Map<string, number>()
  const unflushed = new Set<string>()
  let tables = createTables()
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  /** True while memory may lack what a failed act did commit after all. */
  let doubtful = false

  async function refresh(): Promise<void> {
    const fresh = createTables()
    const fill = async <Kind extends keyof RecordOf>(kind: Kind) => {
      const table: Map<string, RecordOf[Kind]> = fresh[kind]
      for (const row of await store.listAdmin(kind)) table.set(row.id, parseRecord(kind, row))
    }
    await Promise.all([fill('key'), fill('user'), fill('session'), fill('tenant'), fill('setting')])
    tables = fresh
    doubtful = false
    for (const listener of listeners) listener()
  }

  function apply<Kind extends keyof RecordOf>(change: AdminChange & { readonly kind: Kind }) {
    const table: Map<string, RecordOf[Kind]> = tables[change.kind]
    if (change.value === null) table.delete(change.id)
    else table.set(change.id, parseRecord(change.kind, { value: change.value }))
  }

  async function commit(act: Act): Promise<void> {
    const record = createSystemEvent(redactRecord(act.record, redact), clock())
    if (act.createsLog === undefined) await ledger.administer(act.changes, record)
    else await ledger.createLog(act.createsLog, act.changes, record)
  }

  async function perform(decide: () => Act): Promise<void> {
    if (doubtful) await refresh()
    const act = decide()
    try {
      await commit(act)
    } catch (error) {
      // It may have been committed all the same (a lost answer), or another node was first: what
      // memory holds is worth nothing until it is read again.
      doubtful = true
      await refresh().catch(() => undefined)
      throw error
    }
    for (const change of act.changes) apply(change)
    for (const listener of listeners) listener()
  }

  async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= limits.administrationWaitingMax) {
      throw new Refusal('pushback', {
        detail: 'Too many administrative acts are waiting. Try again in a moment.',
      })
    }
    waiting += 1
    const mine = turn.then(work).finally(() => {
      waiting -= 1
    })
    turn = mine.catch(() => undefined)
    return mine
  }

  async function writeLastUsed(): Promise<void> {
    if (doubtful) await refresh()
    const ids = [...unflushed]
    unflushed.clear()
    const changes = ids.flatMap((id) => {
      const at = lastUsed.get(id)
      const setting = usedPrefix + id
      // The ledger touches only what exists: a key revoked since leaves nothing behind.
      if (at === undefined || !tables.key.has(id)) return []
      return [put('setting', setting, { id: setting, value: at })]
    })
    if (changes.length === 0) return
    await ledger.touch(changes).catch((error: unknown) => {
      for (const id of ids) unflushed.add(id)
      throw error
    })
  }

  return {
    /** Reads everything; to be awaited before the first lookup. */
    load: refresh,
    key: (id: string) => tables.key.get(id),
    keys: () => [...tables.key.values()],
    user: (username: string) => tables.user.get(username),
    users: () => [...tables.user.values()],
    session: (id: string) => tables.session.get(id),
    sessions: () => [...tables.session.values()],
    tenant: (tenant: string) => tables.tenant.get(tenant),
    setting: (id: string) => tables.setting.get(id),

    /**
     * Commits one act and its record, or neither. `decide` runs when its turn has come, on what
     * holds then; it refuses by throwing.
     * @throws Refusal of `decide`; `pushback`; and those of the ledger
     */
    administer: (decide: () => Act): Promise<void> => takeTurn(() => perform(decide)),

    /** Remembers that a key was used. On every request's path: no I/O. */
    markUsed(id: string): void {
      lastUsed.set(id, clock())
      unflushed.add(id)
    },
    /** When the key was last used, Unix milliseconds; undefined if never. */
    lastUsed(id: string): number | undefined {
      const kept = Number(tables.setting.get(usedPrefix + id)?.value ?? 0)
      return lastUsed.get(id) ?? (kept === 0 ? undefined : kept)
    },
    /** The change that makes room for when a key was last used; part of making it. */
    expectUse(id: string): AdminChange {
      const setting = usedPrefix + id
      return put('setting', setting, { id: setting, value: 0 })
    },
    /** The change that forgets when a key was used; part of revoking it. */
    forgetUse(id: string): AdminChange {
      lastUsed.delete(id)
      unflushed.delete(id)
      return remove('setting', usedPrefix + id)
    },
    /** Writes down when keys were last used; to be called every `lastUsedFlushMs` and at the end. */
    flush: (): Promise<void> => takeTurn(writeLastUsed),
    /** Calls back after every change. @returns a function that ends it */
    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
