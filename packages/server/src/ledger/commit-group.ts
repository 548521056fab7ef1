import { type Fault, type Head, limits, systemTenant } from '@indelible/protocol'
import { type Clock, createTimeFormatter, formatTime } from '../base/clock.ts'
import { createFaultList } from '../base/fault-list.ts'
import { Refusal } from '../base/refusal.ts'
import type {
  AdminChange,
  AdmittedEvent,
  AppendTransaction,
  KeptEntry,
  LogHead,
  Parts,
  TreeNode,
} from '../store/store.ts'
import type { AppendRequest } from './append-request.ts'
import { Edge } from './edge.ts'
import type { KeyRotation } from './key-rotation.ts'
import type { Keyring } from './keyring.ts'
import { hashLeaf, secretBytes } from './leaf.ts'
import { hasSameContent } from './same-content.ts'
import { createSystemEvent } from './system-event.ts'

export interface CommitGroupOptions {
  readonly keyring: Keyring
  readonly clock: Clock
  /** Fills the buffer with unguessable bytes. */
  readonly fillRandom: (buffer: Uint8Array) => void
}

/** How far a log got in one commit group. */
export interface Growth {
  readonly tenant: string
  readonly size: number
  /** Entries that the group added. */
  readonly added: number
}

/** One log within the group: its head as found, and what is to be added to it. */
interface OpenLog {
  head: LogHead
  readonly edge: Edge
  received: number
  readonly entries: KeptEntry[]
  readonly ids: string[]
  readonly nodes: TreeNode[]
  /** Entries known under ids the group asked for: kept before, or added by this group. */
  readonly known: Map<string, KeptEntry>
}

/**
 * The requests that share one transaction. Nothing reaches the store's tables before `close`, but
 * for changes of administration and new logs; if anything throws but a refusal, the transaction
 * is given up as a whole, and this object with it.
 */
export class CommitGroup {
  readonly #transaction: AppendTransaction
  readonly #logs = new Map<string, OpenLog>()
  /** Tenants of these requests that had no log when the group was opened. */
  readonly #absent = new Set<string>()
  readonly #keyring: Keyring
  readonly #now: number
  /** By the store's clock; undefined where we alone write to it. */
  #storeNow: number | undefined
  readonly #takeSecret: () => Uint8Array
  #repeats = 0
  readonly #formatTime = createTimeFormatter()

  private constructor(
    transaction: AppendTransaction,
    options: CommitGroupOptions,
    takeSecret: () => Uint8Array,
  ) {
    this.#transaction = transaction
    this.#keyring = options.keyring
    this.#now = options.clock()
    this.#takeSecret = takeSecret
  }

  /** Locks the logs that the requests touch and looks up every id that a caller chose. */
  static async open(
    transaction: AppendTransaction,
    requests: readonly AppendRequest[],
    options: CommitGroupOptions,
  ): Promise<CommitGroup> {
    const { idsByTenant, count } = collectIds(requests)
    const takeSecret = createSecretSource(options.fillRandom, count)
    const group = new CommitGroup(transaction, options, takeSecret)
    // Asked first: the heads may have to be waited for.
    const storeNow = transaction.readClock?.()
    storeNow?.catch(() => undefined) // awaited below; what failed with it may be thrown first
    const heads = await transaction.lockHeads([...idsByTenant.keys()].sort())
    group.#storeNow = await storeNow
    for (const tenant of idsByTenant.keys()) if (!heads.has(tenant)) group.#absent.add(tenant)
    for (const head of heads.values()) {
      const ids = idsByTenant.get(head.tenant) ?? []
      const known = ids.length === 0 ? new Map() : await transaction.findIds(head.tenant, ids)
      group.#openLog(head, known)
    }
    return group
  }

  /** @throws Refusal, before anything of the request has changed the group's state */
  async append(request: AppendRequest): Promise<Head[]> {
    this.#assertNoConflict(request.events)
    this.#assertSound(request.events)
    for (const { tenant } of request.events) {
      this.#assertNotEnded(tenant)
      this.#assertClock(tenant)
    }
    for (const change of request.changes ?? []) await this.#assertExpectation(change)

    if (request.rotateKey !== undefined) await this.#rotateKey(request.rotateKey)
    for (const change of request.changes ?? []) await this.#transaction.changeAdmin(change)
    if (request.createLog !== undefined) await this.#findOrCreateLog(request.createLog)
    const heads: Head[] = []
    for (const event of request.events) {
      const log = this.#logs.get(event.tenant) ?? (await this.#findOrCreateLog(event.tenant))
      const kept = event.idStamped ? undefined : log.known.get(event.id)
      if (kept === undefined) heads.push(this.#describe(this.#add(log, event), event.id))
      else {
        this.#repeats++
        heads.push({ ...this.#describe(kept, event.id), duplicate: true })
      }
    }
    return heads
  }

  /** Events that were answered with what was kept before. */
  get repeats(): number {
    return this.#repeats
  }

  /** Writes what was added. @returns the logs that grew */
  async close(): Promise<Growth[]> {
    const grown: Growth[] = []
    for (const { head, edge, received, entries, ids, nodes } of this.#logs.values()) {
      if (entries.length === 0) continue
      const { tenant } = head
      await this.#transaction.insertEntries(entries, ids)
      if (nodes.length > 0) await this.#transaction.insertNodes(tenant, nodes)
      const size = edge.size
      await this.#transaction.saveHead({ ...head, size, received, edge: edge.toBytes() })
      grown.push({ tenant, size, added: entries.length })
    }
    return grown
  }

  #openLog(head: LogHead, known: Map<string, KeptEntry>): OpenLog {
    const edge = new Edge(head.size, head.edge)
    const { received } = head
    const log: OpenLog = { head, edge, received, entries: [], ids: [], nodes: [], known }
    this.#logs.set(head.tenant, log)
    return log
  }

  /** A log is made on its first event; `_system` says so in the same transaction. */
  async #findOrCreateLog(tenant: string): Promise<OpenLog> {
    const found = this.#logs.get(tenant)
    if (found !== undefined) return found
    // One that was looked for in vain is not waited for again: whoever made it since may wait for a
    // head that we hold. The store refuses to make it twice, and all of this is begun anew.
    if (!this.#absent.has(tenant)) {
      const existing = (await this.#transaction.lockHeads([tenant])).get(tenant)
      if (existing !== undefined) return this.#openLog(existing, new Map())
    }
    const head = createHead(this.#keyring, tenant, 1)
    await this.#transaction.createLog(head)
    const log = this.#openLog(head, new Map())
    const system = await this.#findOrCreateLog(systemTenant)
    this.#add(system, describeNewLog(head, this.#now))
    return log
  }

  async #rotateKey({ origin, keys }: KeyRotation): Promise<void> {
    const log = this.#logs.get(keys.tenant)
    if (log?.head.origin !== origin || log.head.generation !== keys.generation - 1) {
      throw new Refusal('resource-conflict', {
        detail: `The key of the log of "${keys.tenant}" was changed meanwhile; nothing was done.`,
      })
    }
    this.#assertNotEnded(keys.tenant)
    await this.#transaction.saveKeys(keys)
    log.head = { ...log.head, ...keys }
  }

  #add(log: OpenLog, event: AdmittedEvent): KeptEntry {
    // The later of the clock and the log's last: `received` never goes backwards in a log.
    log.received = Math.max(this.#now, log.received)
    const { received } = log
    const secret = this.#takeSecret()
    const leaf = { type: event.type ?? 'event', received, secret, parts: event.parts }
    const hash = hashLeaf(leaf)
    const index = log.edge.size
    const { tenant } = event
    const entry: KeptEntry = { tenant, index, ...leaf, hash: Buffer.from(hash, 'latin1') }
    log.nodes.push(...log.edge.append(hash))
    log.entries.push(entry)
    log.ids.push(event.id)
    if (!event.idStamped) log.known.set(event.id, entry)
    return entry
  }

  #describe(entry: KeptEntry, id: string): Head {
    const { tenant, index, received, hash } = entry
    // The sequencer makes every hash as a Buffer; a store may hand back a plain Uint8Array.
    const bytes = Buffer.from(hash.buffer, hash.byteOffset, hash.length)
    return { id, tenant, index, received: this.#formatTime(received), hash: bytes.toString('hex') }
  }

  /** The same id, here or earlier in the batch, is the same event, or the whole batch is refused. */
  #assertNoConflict(events: readonly AdmittedEvent[]): void {
    const first = new Map<string, Parts>()
    const errors: Fault[] = []
    for (const [n, event] of events.entries()) {
      if (event.idStamped) continue
      const key = `${event.tenant}\n${event.id}`
      const kept = this.#logs.get(event.tenant)?.known.get(event.id)?.parts ?? first.get(key)
      if (kept === undefined) first.set(key, event.parts)
      else if (!hasSameContent(event, kept)) {
        const pointer = events.length === 1 ? '/id' : `/${n}/id`
        errors.push({ pointer, detail: `The id "${event.id}" is kept with other content.` })
      }
    }
    if (errors.length === 0) return
    const detail = 'An id is the name of one event for good; nothing of this request was kept.'
    throw new Refusal('idempotency-conflict', { detail, errors })
  }

  /** What has faults was kept before they were ones, or it is not taken. */
  #assertSound(events: readonly AdmittedEvent[]): void {
    const found = createFaultList()
    for (const { tenant, id, faults = [] } of events) {
      if (faults.length === 0 || this.#logs.get(tenant)?.known.has(id) === true) continue
      for (const { pointer, detail } of faults) found.add(pointer, detail)
    }
    found.assertEmpty()
  }

  #assertNotEnded(tenant: string): void {
    const former = this.#logs.get(tenant)?.head.formerTenant
    if (former === undefined) return
    throw new Refusal('resource-conflict', {
      detail: `The log "${tenant}" has ended; what follows is in the log of "${former}".`,
    })
  }

  /**
   * A clock that is fast would leave its time in the log, and keep every other node from appending
   * until theirs get there.
   */
  #assertClock(tenant: string): void {
    const storeNow = this.#storeNow ?? this.#now
    if (Math.abs(this.#now - storeNow) > limits.clockSkewMsMax) {
      throw new Refusal('clock-behind', {
        detail:
          `This node's clock (${formatTime(this.#now)}) is more than a minute away from the ` +
          `database's (${formatTime(storeNow)}). Set them right; nothing was kept.`,
      })
    }
    const last = this.#logs.get(tenant)?.received ?? 0
    if (this.#now >= last - limits.clockBehindMsMax) return
    throw new Refusal('clock-behind', {
      detail:
        `The server's clock (${formatTime(this.#now)}) is more than a minute behind the log's ` +
        `last entry (${formatTime(last)}). Set the clock right; nothing was kept.`,
    })
  }

  async #assertExpectation({ kind, id, expect }: AdminChange): Promise<void> {
    if (expect === undefined) return
    const exists = await this.#transaction.hasAdmin(kind, id)
    if (expect === 'absent' && exists) {
      throw new Refusal('resource-conflict', { detail: `There is a ${kind} "${id}" already.` })
    }
    if (expect === 'present' && !exists) {
      throw new Refusal('resource-unknown', { detail: `There is no ${kind} "${id}".` })
    }
  }
}

function collectIds(requests: readonly AppendRequest[]) {
  const idsByTenant = new Map<string, string[]>()
  let count = 0
  for (const { events, rotateKey } of requests) {
    const rotated = rotateKey?.keys.tenant
    if (rotated !== undefined && !idsByTenant.has(rotated)) idsByTenant.set(rotated, [])
    for (const event of events) {
      const ids = idsByTenant.get(event.tenant) ?? []
      if (ids.length === 0) idsByTenant.set(event.tenant, ids)
      // An id that we made a moment ago cannot be a repeat; only the callers' are looked up.
      if (!event.idStamped) ids.push(event.id)
      count++
    }
  }
  return { idsByTenant, count }
}

/** One call for the randomness of a whole group: asking for 16 bytes at a time costs 2 µs each. */
function createSecretSource(fillRandom: (buffer: Uint8Array) => void, count: number) {
  let pool = new Uint8Array(0)
  let at = 0
  return () => {
    if (at === pool.length) {
      pool = new Uint8Array(Math.max(count, 4) * secretBytes)
      fillRandom(pool)
      at = 0
    }
    at += secretBytes
    return pool.subarray(at - secretBytes, at)
  }
}

/** The head of a log that begins, under an origin of its own. */
export function createHead(keyring: Keyring, tenant: string, generation: number): LogHead {
  const origin = keyring.createOrigin()
  const { vkey } = keyring.logSigner(origin, generation)
  return { tenant, origin, generation, vkey, size: 0, received: 0, edge: new Uint8Array(0) }
}

export function describeNewLog(
  { tenant, origin, generation, vkey }: LogHead,
  now: number,
): AdmittedEvent {
  return createSystemEvent(
    {
      action: 'log.created',
      actor: { type: 'system', id: 'indelible' },
      targets: [{ type: 'tenant', id: tenant }],
      data: { origin, generation, vkey, format: 'indelible-entry/v1' },
    },
    now,
  )
}
