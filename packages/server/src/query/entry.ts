import type { Entry } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import type { KeptEntry, Parts } from '../store/store.ts'
import type { Searchable } from './fields.ts'

/** Parts of an event in the order in which people read them. */
const partOrder = ['actor', 'targets', 'context', 'changes', 'data'] as const

/**
 * The event's JSON text, put together from the texts of its parts: `core`'s members, then a member
 * for each other part that is there. Erased parts are absent.
 */
export function formatEvent(parts: Parts): string {
  const members = partOrder.flatMap((label) => {
    const text = parts[label]
    return text === undefined ? [] : [`"${label}":${text}`]
  })
  const core = parts.core.slice(1, -1)
  return `{${(core === '' ? members : [core, ...members]).join(',')}}`
}

/** The event of an entry, parsed. Member names such as `__proto__` are plain members. */
export function readEvent(parts: Parts): Record<string, unknown> {
  // A store keeps only what we serialised: `core` is always the text of an object.
  return JSON.parse(formatEvent(parts)) as Record<string, unknown>
}

/** JSON of an entry as every read returns it, from the texts as kept: nothing is serialised again. */
export function formatEntry(kept: KeptEntry): string {
  const { tenant, index, type, received, hash, parts } = kept
  const hex = Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('hex')
  return (
    `{"tenant":"${tenant}","index":${index},"type":"${type}","received":"${formatTime(received)}",` +
    `"hash":"${hex}","event":${formatEvent(parts)}}`
  )
}

/** An entry as queries see it. */
export function toSearchable(kept: KeptEntry): Searchable {
  const { tenant, index, type, received, hash } = kept
  return { tenant, index, type, received, hash, event: readEvent(kept.parts) }
}

/** An entry as every read returns it. */
export function toEntry(kept: KeptEntry): Entry {
  return {
    tenant: kept.tenant,
    index: kept.index,
    type: kept.type,
    received: formatTime(kept.received),
    hash: Buffer.from(kept.hash).toString('hex'),
    // Entries of type `event` were admitted as such; the others have a core of their own kind.
    event: readEvent(kept.parts) as Entry['event'],
  }
}

/** UTF-16 units of an entry's parts: near enough to its bytes to bound what is held or looked at. */
export function countChars({ parts }: Pick<KeptEntry, 'parts'>): number {
  return partOrder.reduce((sum, label) => sum + (parts[label]?.length ?? 0), parts.core.length)
}
