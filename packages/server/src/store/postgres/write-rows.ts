import { partLabels } from '@indelible/protocol'
import { encodeId } from '../rows.ts'
import type { KeptEntry, LogHead, StoredCheckpoint, TreeNode } from '../store.ts'
import { formatBlobs, formatIntegers, formatTexts, formatTokens } from './binary-arrays.ts'
import type { Client } from './open.ts'
import { countTokens } from './tokens.ts'

/** An entry with what only the store keeps of it. */
export interface NewEntry {
  readonly entry: KeptEntry
  readonly id: string
  readonly tokens: string
}

/** Earliest and latest event time, Unix milliseconds. */
export interface Span {
  first: number
  last: number
}

/** The tokens of all rows come as one array, of which each row takes its part. */
export function insertEntries(client: Client, rows: readonly NewEntry[]): Promise<unknown> {
  const entries = rows.map(({ entry }) => entry)
  const firsts: number[] = []
  const lasts: number[] = []
  let last = 0
  for (const { tokens } of rows) {
    firsts.push(last + 1)
    last += countTokens(tokens)
    lasts.push(last)
  }
  return client.query({
    name: 'insert-entries',
    text: `
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
      )`,
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

export function insertNodes(
  client: Client,
  rows: readonly { readonly tenant: string; readonly node: TreeNode }[],
): Promise<unknown> {
  const nodes = rows.map(({ node }) => node)
  return client.query({
    name: 'insert-nodes',
    text: `
      INSERT INTO node (tenant, level, idx, hash)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[])`,
    values: [
      formatTexts(rows.map(({ tenant }) => tenant)),
      formatIntegers(nodes.map(({ level }) => level)),
      formatIntegers(nodes.map(({ index }) => index)),
      formatBlobs(nodes.map(({ hash }) => hash)),
    ],
  })
}

export function updateHeads(
  client: Client,
  rows: readonly { readonly head: LogHead; readonly span: Span | undefined }[],
): Promise<unknown> {
  const heads = rows.map(({ head }) => head)
  return client.query({
    name: 'update-heads',
    text: `
      UPDATE log SET
        size = h.size, received = h.received, edge = h.edge,
        first_time = least(log.first_time, h.first_time),
        last_time = greatest(log.last_time, h.last_time)
      FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[])
        AS h (tenant, size, received, edge, first_time, last_time)
      WHERE log.tenant = h.tenant`,
    values: [
      formatTexts(heads.map(({ tenant }) => tenant)),
      formatIntegers(heads.map(({ size }) => size)),
      formatIntegers(heads.map(({ received }) => received)),
      formatBlobs(heads.map(({ edge }) => edge)),
      formatIntegers(rows.map(({ span }) => span?.first ?? null)),
      formatIntegers(rows.map(({ span }) => span?.last ?? null)),
    ],
  })
}

/** One of an earlier size is passed over. */
export function upsertCheckpoints(
  client: Client,
  checkpoints: readonly StoredCheckpoint[],
): Promise<unknown> {
  return client.query({
    name: 'upsert-checkpoints',
    text: `
      INSERT INTO checkpoint (tenant, size, time, note)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
      ON CONFLICT (tenant) DO UPDATE SET
        size = excluded.size, time = excluded.time, note = excluded.note
      WHERE excluded.size >= checkpoint.size`,
    values: [
      formatTexts(checkpoints.map(({ tenant }) => tenant)),
      formatIntegers(checkpoints.map(({ size }) => size)),
      formatIntegers(checkpoints.map(({ time }) => time)),
      formatTexts(checkpoints.map(({ note }) => note)),
    ],
  })
}
