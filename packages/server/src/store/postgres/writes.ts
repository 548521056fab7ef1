import { partLabels } from '@indelible/protocol'
import type { KeptEntry, LogHead, StoredCheckpoint, TreeNode } from '../store.ts'
import { formatBlobs, formatIntegers, formatTexts, formatTokens } from './binary-arrays.ts'
import type { Client } from './open.ts'
import { encodeId } from './rows.ts'
import { countTokens, type ReadFacts, type Tokenizer } from './tokens.ts'
import type { Mark } from './transact.ts'

/** Entries of one INSERT: bounds what one statement holds in memory on both sides. */
const insertEntriesMax = 1_000

interface NewEntry {
  readonly entry: KeptEntry
  readonly id: string
  readonly tokens: string
}

/** Earliest and latest event time, Unix milliseconds. */
interface Span {
  first: number
  last: number
}

const insertEntries = `
  INSERT INTO entry
    (tenant, idx, received, id, hash, secret, type, ${partLabels.join(', ')}, tokens)
  SELECT
    e.tenant, e.idx, e.received, e.id, e.hash, e.secret, e.type,
    ${partLabels.map((label) => `e.${label}`).join(', ')},
    ($1::bigint[])[e.token_first::int:e.token_last::int]
  FROM unnest(
    $2::text[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::bigint[], $16::bigint[]
  ) AS e (
    tenant, idx, received, id, hash, secret, type, ${partLabels.join(', ')},
    token_first, token_last
  )`

const insertNodes = `
  INSERT INTO node (tenant, level, idx, hash)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[])`

const updateHeads = `
  UPDATE log SET
    size = h.size, received = h.received, edge = h.edge,
    first_time = least(log.first_time, h.first_time),
    last_time = greatest(log.last_time, h.last_time)
  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[])
    AS h (tenant, size, received, edge, first_time, last_time)
  WHERE log.tenant = h.tenant`

const upsertCheckpoints = `
  INSERT INTO checkpoint (tenant, size, time, note)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
  ON CONFLICT (tenant) DO UPDATE SET
    size = excluded.size, time = excluded.time, note = excluded.note
  WHERE excluded.size >= checkpoint.size`

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
      if (!this.#heads.has(tenant)) throw new Error(`The head of "${tenant}" was not saved.`)
    }
    const sent: Promise<unknown>[] = []
    for (let at = 0; at < this.#entries.length; at += insertEntriesMax) {
      sent.push(this.#insertEntries(this.#entries.slice(at, at + insertEntriesMax)))
    }
    if (this.#nodes.length > 0) sent.push(this.#insertNodes())
    if (this.#heads.size > 0) sent.push(this.#updateHeads())
    if (this.#checkpoints.size > 0) sent.push(this.#upsertCheckpoints())
    if (this.#changesAdmin) {
      sent.push(this.#client.query('UPDATE instance SET admin_version = admin_version + 1'))
    }
    const committed = this.#client.query('COMMIT')
    const results = await Promise.allSettled([...sent, committed])
    // The first failure is the cause of those behind it.
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    const { command } = await committed
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered by ${command}.`)
  }

  #widenSpan(tenant: string, time: number): void {
    const span = this.#spans.get(tenant)
    if (span === undefined) this.#spans.set(tenant, { first: time, last: time })
    else {
      span.first = Math.min(span.first, time)
      span.last = Math.max(span.last, time)
    }
  }

  #insertEntries(rows: readonly NewEntry[]): Promise<unknown> {
    const entries = rows.map(({ entry }) => entry)
    const firsts: number[] = []
    const lasts: number[] = []
    let last = 0
    for (const { tokens } of rows) {
      firsts.push(last + 1)
      last += countTokens(tokens)
      lasts.push(last)
    }
    return this.#client.query({
      name: 'insert-entries',
      text: insertEntries,
      values: [
        formatTokens(rows.map(({ tokens }) => tokens).join('')),
        formatTexts(entries.map(({ tenant }) => tenant)),
        formatIntegers(entries.map(({ index }) => index)),
        formatIntegers(entries.map(({ received }) => received)),
        formatBlobs(rows.map(({ id }) => encodeId(id))),
        formatBlobs(entries.map(({ hash }) => hash)),
        formatBlobs(entries.map(({ secret }) => secret)),
        formatTexts(entries.map(({ type }) => type)),
        ...partLabels.map((label) => formatTexts(entries.map(({ parts }) => parts[label] ?? null))),
        formatIntegers(firsts),
        formatIntegers(lasts),
      ],
    })
  }

  #insertNodes(): Promise<unknown> {
    const nodes = this.#nodes.map(({ node }) => node)
    return this.#client.query({
      name: 'insert-nodes',
      text: insertNodes,
      values: [
        formatTexts(this.#nodes.map(({ tenant }) => tenant)),
        formatIntegers(nodes.map(({ level }) => level)),
        formatIntegers(nodes.map(({ index }) => index)),
        formatBlobs(nodes.map(({ hash }) => hash)),
      ],
    })
  }

  #updateHeads(): Promise<unknown> {
    const heads = [...this.#heads.values()]
    const spans = heads.map(({ tenant }) => this.#spans.get(tenant))
    return this.#client.query({
      name: 'update-heads',
      text: updateHeads,
      values: [
        formatTexts(heads.map(({ tenant }) => tenant)),
        formatIntegers(heads.map(({ size }) => size)),
        formatIntegers(heads.map(({ received }) => received)),
        formatBlobs(heads.map(({ edge }) => edge)),
        formatIntegers(spans.map((span) => span?.first ?? null)),
        formatIntegers(spans.map((span) => span?.last ?? null)),
      ],
    })
  }

  #upsertCheckpoints(): Promise<unknown> {
    const checkpoints = [...this.#checkpoints.values()]
    return this.#client.query({
      name: 'upsert-checkpoints',
      text: upsertCheckpoints,
      values: [
        formatTexts(checkpoints.map(({ tenant }) => tenant)),
        formatIntegers(checkpoints.map(({ size }) => size)),
        formatIntegers(checkpoints.map(({ time }) => time)),
        formatTexts(checkpoints.map(({ note }) => note)),
      ],
    })
  }
}
