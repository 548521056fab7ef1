import type { Clock } from '../base/clock.ts'
import { coalesce } from '../base/coalesce.ts'
import { Refusal } from '../base/refusal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent, type SystemEvent } from '../ledger/system-event.ts'
import type { AdminChange, AdminStore } from '../store/store.ts'
import { applyChange, createTables, readTables } from './directory-tables.ts'
import { createKeyUses } from './key-uses.ts'
import { type Redact, redactRecord } from './redact-record.ts'
import { createTurns } from './turns.ts'
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

/** How old what a node knows of the others' acts may be; it asks five times as often. */
const freshMsMax = 1_000
/** How often an exclusive act that another node was ahead of is decided anew. */
const decisionsMax = 5

export interface DirectoryOptions {
  readonly store: AdminStore
  readonly ledger: Pick<Ledger, 'administer' | 'createLog' | 'touch'>
  readonly clock: Clock
  readonly redact?: Redact
  /** Grows with every change of administration; where other nodes make changes as well. */
  readonly readVersion?: () => Promise<number>
}

/**
 * Everything administration knows, in memory: looked up synchronously, changed only by acts that
 * the ledger has committed. Acts take turns, so that what one decides on still holds when it is
 * committed ("the last admin stays").
 */
export function createDirectory(options: DirectoryOptions) {
  const { store, ledger, clock, readVersion } = options
  const listeners = new Set<() => void>()
  let tables = createTables()
  const takeTurn = createTurns()
  /** True while memory may lack what a failed act did commit after all; at first it holds nothing. */
  let doubtful = true
  /** Version of administration that memory has at least. */
  let seen: number | undefined
  /** When memory was last known to have everything. */
  let checkedAt = Number.NEGATIVE_INFINITY
  /** Acts of ours that memory has, and how often it was read anew. */
  let applied = 0
  let refreshes = 0

  const uses = createKeyUses({ ledger, clock, tables: () => tables })

  const refresh = coalesce(async (): Promise<void> => {
    for (;;) {
      const before = applied
      const fresh = await readTables(store)
      // An act of ours that came in between may be missing from what was read.
      if (applied !== before) continue
      tables = fresh
      break
    }
    doubtful = false
    refreshes++
    for (const listener of listeners) listener()
  })

  async function check(): Promise<void> {
    const askedAt = clock()
    // Read first: what is read afterwards has this version or a later one.
    const version = await readVersion?.()
    if (version !== seen || doubtful) await refresh()
    seen = version
    checkedAt = askedAt
  }
  const catchUp = readVersion === undefined ? async () => undefined : coalesce(check)

  async function perform(decide: () => Act): Promise<void> {
    for (let decision = 1; ; decision++) {
      if (doubtful || readVersion !== undefined) await check()
      const act = decide()
      const mark = findMark(tables.setting)
      const isAlone = act.isExclusive !== true || readVersion === undefined
      const changes = isAlone ? act.changes : [...act.changes, ...passTurnstile(tables.setting)]
      const [isRead, isCommitted] = [refreshes, await attempt(act, changes, mark, decision)]
      if (!isCommitted) continue
      for (const change of changes) applyChange(tables, change)
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
      await commitAct(options, act, changes)
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

  async function writeUses(): Promise<void> {
    if (doubtful) await refresh()
    await uses.write()
  }

  return {
    markUsed: uses.markUsed,
    lastUsed: uses.lastUsed,
    expectUse: uses.expectUse,
    forgetUse: uses.forgetUse,
    /** Reads everything; to be awaited before the first lookup. */
    load: check,
    /** Reads what other nodes did. Whoever finds nothing asks this before saying so. */
    catchUp,
    /**
     * How often anything was read anew: whoever caught up looks whether it is worth looking again. Not
     * by what `catchUp` found itself: another caller's may just have found it.
     */
    readings: (): number => refreshes,
    /** False on a node that was paused, or cut off: what it knows may be long over. */
    isFresh: (): boolean =>
      readVersion === undefined || Math.abs(clock() - checkedAt) <= freshMsMax,
    key: (id: string) => tables.key.get(id),
    keys: () => [...tables.key.values()],
    user: (username: string) => tables.user.get(username),
    users: () => [...tables.user.values()],
    session: (id: string) => tables.session.get(id),
    sessions: () => [...tables.session.values()],
    tenant: (tenant: string) => tables.tenant.get(tenant),
    schema: (id: string) => tables.schema.get(id),
    schemas: () => [...tables.schema.values()],
    setting: (id: string) => tables.setting.get(id),
    redaction: () => [...tables.redaction.values()],

    /**
     * Commits one act and its record, or neither. `decide` runs when its turn has come, on what
     * holds then; it refuses by throwing.
     * @throws Refusal of `decide`; `pushback`; and those of the ledger
     */
    administer: (decide: () => Act): Promise<void> => takeTurn(() => perform(decide)),

    /** Writes down when keys were last used; to be called every `lastUsedFlushMs` and at the end. */
    flush: (): Promise<void> => takeTurn(writeUses),
    /** Calls back after every change. @returns a function that ends it */
    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

async function commitAct(
  { ledger, clock, redact }: Pick<DirectoryOptions, 'ledger' | 'clock' | 'redact'>,
  act: Act,
  changes: readonly AdminChange[],
): Promise<void> {
  const record = createSystemEvent(redactRecord(act.record, redact), clock())
  if (act.createsLog === undefined) await ledger.administer(changes, record)
  else await ledger.createLog(act.createsLog, changes, record)
}
