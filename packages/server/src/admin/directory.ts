import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { coalesce } from '../base/coalesce.ts'
import { Refusal } from '../base/refusal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent, type SystemEvent } from '../ledger/system-event.ts'
import type { AdminChange, AdminStore } from '../store/store.ts'
import { parseRecord, put, type RecordOf, remove } from './records.ts'
import { type Redact, redactRecord } from './redact-record.ts'
import { findMark, passTurnstile } from './turnstile.ts'

/** One administrative act: what changes, and what `_system` says of it. */
export interface Act {
  readonly changes: readonly AdminChange[]
  readonly record: SystemEvent
  /** The log to create along with it. */
  readonly createsLog?: string
  /** Decided on what others hold as well ("the last admin stays"): never beside another such act. */
  readonly isExclusive?: boolean
}

export type Directory = ReturnType<typeof createDirectory>

type Tables = { readonly [Kind in keyof RecordOf]: Map<string, RecordOf[Kind]> }

const usedPrefix = 'key-used:'
/** How often an exclusive act that another node was ahead of is decided anew. */
const decisionsMax = 5

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
  /** Grows with every change of administration; where other nodes make changes as well. */
  readonly readVersion?: () => Promise<number>
}) {
  const { store, ledger, clock, redact, readVersion } = options
  const listeners = new Set<() => void>()
  const lastUsed = new Map<string, number>()
  const unflushed = new Set<string>()
  let tables = createTables()
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  /** True while memory may lack what a failed act did commit after all; at first it holds nothing. */
  let doubtful = true
  /** Version of administration that memory has at least. */
  let seen: number | undefined
  /** Acts of ours that memory has, and how often it was read anew. */
  let applied = 0
  let refreshes = 0

  const refresh = coalesce(async (): Promise<void> => {
    for (;;) {
      const before = applied
      const fresh = createTables()
      const fill = async <Kind extends keyof RecordOf>(kind: Kind) => {
        const table: Map<string, RecordOf[Kind]> = fresh[kind]
        for (const row of await store.listAdmin(kind)) table.set(row.id, parseRecord(kind, row))
      }
      const kinds = ['key', 'user', 'session', 'tenant', 'setting'] as const
      await Promise.all(kinds.map(fill))
      // An act of ours that came in between may be missing from what was read.
      if (applied !== before) continue
      tables = fresh
      break
    }
    doubtful = false
    refreshes++
    for (const listener of listeners) listener()
  })

  /** @returns whether anything was read anew */
  async function check(): Promise<boolean> {
    // Read first: what is read afterwards has this version or a later one.
    const version = await readVersion?.()
    if (version === seen && !doubtful) return false
    await refresh()
    seen = version
    return true
  }
  const catchUp = readVersion === undefined ? async () => false : coalesce(check)

  function apply<Kind extends keyof RecordOf>(change: AdminChange & { readonly kind: Kind }) {
    const table: Map<string, RecordOf[Kind]> = tables[change.kind]
    if (change.value === null) table.delete(change.id)
    else table.set(change.id, parseRecord(change.kind, { value: change.value }))
  }

  async function commit(act: Act, changes: readonly AdminChange[]): Promise<void> {
    const record = createSystemEvent(redactRecord(act.record, redact), clock())
    if (act.createsLog === undefined) await ledger.administer(changes, record)
    else await ledger.createLog(act.createsLog, changes, record)
  }

  async function perform(decide: () => Act): Promise<void> {
    for (let decision = 1; ; decision++) {
      if (doubtful || readVersion !== undefined) await check()
      const act = decide()
      const mark = findMark(tables.setting)
      const isAlone = act.isExclusive !== true || readVersion === undefined
      const changes = isAlone ? act.changes : [...act.changes, ...passTurnstile(tables.setting)]
      const [isRead, isCommitted] = [refreshes, await attempt(act, changes, mark, decision)]
      if (!isCommitted) continue
      for (const change of changes) apply(change)
      applied++
      // What was read meanwhile may be newer than what was just applied over it.
      if (refreshes !== isRead) doubtful = true
      for (const listener of listeners) listener()
      return
    }
  }

  /** @returns false where another node's exclusive act came first, so that ours is decided anew */
  async function attempt(
    act: Act,
    changes: readonly AdminChange[],
    mark: string | undefined,
    decision: number,
  ): Promise<boolean> {
    try {
      await commit(act, changes)
      return true
    } catch (error) {
      // It may have been committed all the same (a lost answer), or another node was first: what
      // memory holds is worth nothing until it is read again.
      doubtful = true
      await refresh().catch(() => undefined)
      const isOvertaken = act.isExclusive === true && findMark(tables.setting) !== mark
      if (error instanceof Refusal && isOvertaken && decision < decisionsMax) return false
      throw error
    }
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
      // Another node may have served it since.
      if (Number(tables.setting.get(setting)?.value ?? 0) >= at) return []
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
    load: async (): Promise<void> => void (await check()),
    /**
     * Reads what other nodes did. Whoever finds nothing asks this before saying so.
     * @returns whether there was anything
     */
    catchUp,
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
      const latest = Math.max(kept, lastUsed.get(id) ?? 0)
      return latest === 0 ? undefined : latest
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
