import { partLabels } from '@indelible/protocol'
import type { Parts } from '../store/store.ts'

/** The event whose parts they are. */
export function toEvent(parts: Parts): Record<string, unknown> {
  const event: Record<string, unknown> = JSON.parse(parts.core)
  for (const label of partLabels) {
    const text = label === 'core' ? undefined : parts[label]
    if (text !== undefined) event[label] = JSON.parse(text)
  }
  return event
}

/** Parts of an event as it was read; the ledger compares parsed content: the order of members does not matter. */
export function toParts(event: Readonly<Record<string, unknown>>): Parts {
  const core = { ...event }
  const parts: { -readonly [label in keyof Parts]: Parts[label] } = { core: '' }
  for (const label of partLabels) {
    if (label === 'core' || core[label] === undefined) continue
    parts[label] = JSON.stringify(core[label])
    delete core[label]
  }
  parts.core = JSON.stringify(core)
  return parts
}
