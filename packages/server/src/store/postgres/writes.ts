import type { ReadFacts } from '../indexed-facts.ts'
import type { KeptEntry, LogHead, StoredCheckpoint, TreeNode } from '../store.ts'
import type { Client } from './open.ts'
import type { Tokenizer } from './tokens.ts'
import { type Mark, RolledBackError } from './transact.ts'
import {
  insertEntries,
  insertNodes,
  type NewEntry,
  type Span,
  updateHeads,
  upsertCheckpoints,
} from './write-rows.ts'

/**
 * Entries of one INSERT. Each is sent as soon as it is made: while the server indexes some, the
 * facts of the next are read here, and the head is held for as long as the slower of the two takes.
 */
const insertEntriesMax = 128

/** What one attempt at a transaction holds back until its work is done. Owned by it alone. */
export class Writes {
  readonly #client: Client
  readonly #readFacts: ReadFacts
  readonly #tokenizer: Tokenizer
  /** Statements under way. What fails of them is the transaction's failure, found by `finish`. */
  readonly #sent: Promise<unknown>[] = []
  #first: KeptEntry | undefined
  readonly #nodes: { readonly tenant: string; readonly node: TreeNode }[] = []
  readonly #heads = new Map<string, LogHead>()
  readonly #spans = new Map<string, Span>()
  readonly #checkpoints = new Map<string, StoredCheckpoint>()
  /** Origins of the logs that this attempt made, by tenant. */
  readonly #created = new Map<string, string>()
  #changesAdmin = false

  constructor(client: Client, index: { readFacts: ReadFacts; tokenizer: Tokenizer }) {
    this.#client = client
    this.#readFacts = index.readFacts
    this.#tokenizer = index.tokenizer
  }

  addEntries(entries: readonly KeptEntry[], ids: readonly string[]): void {
    this.#first ??= entries[0]
    for (let at = 0; at < entries.length; at += insertEntriesMax) {
      const some = entries.slice(at, at + insertEntriesMax)
      const rows = some.map((entry, n) => this.#toRow(entry, ids[at + n]))
      this.#send(insertEntries(this.#client, rows))
    }
  }

  addNodes(tenant: string, nodes: readonly TreeNode[]): void {
    for (const node of nodes) this.#nodes.push({ tenant, node })
  }

  setHead(head: LogHead): void {
    this.#heads.set(head.tenant, head)
  }

  setCheckpoint(checkpoint: StoredCheckpoint): void {
    this.#checkpoints.set(checkpoint.tenant, checkpoint)
  }

  noteLog({ tenant, origin }: LogHead): void {
    this.#created.set(tenant, origin)
  }

  noteAdmin(): void {
    this.#changesAdmin = true
  }

  mark(): Mark | undefined {
    if (this.#first !== undefined) {
      const { tenant, index, hash } = this.#first
      return { tenant, entry: { index, hash }, createdOrigin: this.#created.get(tenant) }
    }
    const [log] = this.#created
    if (log === undefined) return undefined
    const [tenant, createdOrigin] = log
    return { tenant, entry: undefined, createdOrigin }
  }

  /**
   * Sends everything, COMMIT last, without waiting in between: after a statement that failed the
   * server rolls back at COMMIT.
   */
  async finish(): Promise<void> {
    for (const tenant of this.#spans.keys()) {
      if (!this.#heads.has(tenant)) throw new RolledBackError(`"${tenant}" has no new head.`)
    }
    const client = this.#client
    const heads = Array.from(this.#heads.values(), (head) => ({
      head,
      span: this.#spans.get(head.tenant),
    }))
    if (this.#nodes.length > 0) this.#send(insertNodes(client, this.#nodes))
    if (heads.length > 0) this.#send(updateHeads(client, heads))
    if (this.#checkpoints.size > 0)
      this.#send(upsertCheckpoints(client, [...this.#checkpoints.values()]))
    if (this.#changesAdmin) {
      this.#send(client.query('UPDATE instance SET admin_version = admin_version + 1'))
    }
    const committed = client.query('COMMIT')
    const results = await Promise.allSettled([...this.#sent, committed])
    // The first failure is the cause of those behind it.
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    const { command } = await committed
    if (command !== 'COMMIT') throw new RolledBackError(`COMMIT was answered by ${command}.`)
  }

  #send(statement: Promise<unknown>): void {
    // Looked at in `finish`; where that is never called, the transaction is given up anyway.
    statement.catch(() => undefined)
    this.#sent.push(statement)
  }

  #toRow(entry: KeptEntry, id: string | undefined): NewEntry {
    const { tenant, index } = entry
    if (id === undefined) throw new Error(`Entry ${index} of "${tenant}" has no id.`)
    const { groups, time } = this.#readFacts(entry)
    this.#widenSpan(tenant, time)
    return { entry, id, tokens: this.#tokenizer.formatEntry(tenant, index, groups) }
  }

  #widenSpan(tenant: string, time: number): void {
    const span = this.#spans.get(tenant)
    if (span === undefined) this.#spans.set(tenant, { first: time, last: time })
    else {
      span.first = Math.min(span.first, time)
      span.last = Math.max(span.last, time)
    }
  }
}
