import { limits, type PartLabel, partLabels } from '@indelible/protocol'
import type { FormerKey, KeptEntry, LogHead } from './store.ts'

/** Columns of `entry` that make a KeptEntry, for SELECT; `e` is the table's alias. */
export const entryColumns =
  'e.idx, e.received, e.type, e.hash, e.secret, ' +
  partLabels.map((label) => `e.${label}`).join(', ')

export interface EntryRow extends Record<PartLabel, string | null> {
  readonly idx: number
  readonly received: number
  readonly type: string
  readonly hash: Uint8Array
  readonly secret: Uint8Array
  readonly core: string
}

export function toKeptEntry(tenant: string, row: EntryRow): KeptEntry {
  const parts: { [label in PartLabel]?: string } & { core: string } = { core: row.core }
  for (const label of partLabels) {
    const text = row[label]
    if (text !== null) parts[label] = text
  }
  const { idx: index, received, type, hash, secret } = row
  return { tenant, index, received, type, hash, secret, parts }
}

/** Columns of `log` that make a LogHead, for SELECT. */
export const headColumns =
  'tenant, origin, generation, vkey, size, received, edge, former_tenant, former_keys'

export interface LogRow extends Omit<LogHead, 'formerTenant' | 'formerKeys'> {
  readonly former_tenant: string | null
  readonly former_keys: string | null
}

export function toHead(row: LogRow): LogHead {
  const { tenant, origin, generation, vkey, size, received, edge } = row
  const head = { tenant, origin, generation, vkey, size, received, edge }
  if (row.former_tenant === null && row.former_keys === null) return head
  return {
    ...head,
    ...(row.former_tenant === null ? {} : { formerTenant: row.former_tenant }),
    ...(row.former_keys === null ? {} : { formerKeys: parseFormerKeys(row.former_keys) }),
  }
}

/** Whoever can write to the database wrote it: what it says is believed where it is verified. */
const parseFormerKeys = (text: string): readonly FormerKey[] => JSON.parse(text)

/** As the column `former_keys` has them. */
export const formatFormerKeys = ({ formerKeys = [] }: Pick<LogHead, 'formerKeys'>) =>
  formerKeys.length === 0 ? null : JSON.stringify(formerKeys)

export const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const uuidBytes = 16

/**
 * An event id as the key that it is found by: a canonical UUID as its 16 bytes, anything else as its
 * characters (ids are ASCII). A 16-character id gets a NUL in front, which no id can contain, so
 * that it never equals a UUID's bytes.
 */
export function encodeId(id: string): Buffer {
  if (canonicalUuid.test(id)) return Buffer.from(id.replaceAll('-', ''), 'hex')
  return Buffer.from(id.length === uuidBytes ? `\0${id}` : id, 'latin1')
}

/** Completed subtrees of a tree, over all levels above the leaves. */
export function countNodes(size: number): number {
  let count = 0
  for (let rest = size; rest >= limits.tileWidth; ) {
    rest = Math.floor(rest / limits.tileWidth)
    count += rest
  }
  return count
}
