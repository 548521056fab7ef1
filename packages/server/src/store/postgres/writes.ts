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

/** Entries of one INSERT: bounds what one statement holds in memory on both sides. */
const insertEntriesMax = 1_000

/** What one attempt at a transaction holds back until its work is done. Owned by it alone. */
export class Writes {
  readonly #client: Client
  readonly #readFacts: ReadFacts
  readonly #tokenizer: Tokenizer
  readonly #entries: NewEntry[] = []
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
    for (const [n, entry] of entries.entries()) {
      const { tenant, index } = entry
      const id = ids[n]
      if (id === undefined) throw new Error(`Entry ${index} of "${tenant}" has no id.`)
      const { groups, time } = this.#readFacts(entry)
      const tokens = this.#tokenizer.formatEntry(tenant, index, groups)
      this.#entries.push({ entry, id, tokens })
      this.#widenSpan(tenant, time)
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
    const [first] = this.#entries
    if (first !== undefined) {
      const { tenant, index, hash } = first.entry
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
    const sent: Promise<unknown>[] = []
    for (let at = 0; at < this.#entries.length; at += insertEntriesMax) {
      sent.push(insertEntries(client, this.#entries.slice(at, at + insertEntriesMax)))
    }
    if (this.#nodes.length > 0) sent.push(insertNodes(client, this.#nodes))
    if (heads.length > 0) sent.push(updateHeads(client, heads))
    if (this.#checkpoints.size > 0)
      sent.push(upsertCheckpoints(client, [...this.#checkpoints.values()]))
    if (this.#changesAdmin) {
      sent.push(client.query('UPDATE instance SET admin_version = admin_version + 1'))
    }
    const committed = client.query('COMMIT')
    const results = await Promise.allSettled([...sent, committed])
    // The first failure is the cause of those behind it.
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    const { command } = await committed
    if (command !== 'COMMIT') throw new RolledBackError(`COMMIT was answered by ${command}.`)
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
