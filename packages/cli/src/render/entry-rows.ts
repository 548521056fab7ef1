import type { Entry } from '@indelible/protocol'
import { formatInstant } from './times.ts'

export const entryHeader = (isUtc: boolean): readonly string[] => [
  isUtc ? 'TIME (UTC)' : 'TIME (local)',
  'ACTOR',
  'ACTION',
  'TARGET',
  'OUTCOME',
  'IP',
]

/** An entry as a row of `search` and `tail`; what was erased or isn't there is a dash. */
export function entryRow({ event, received }: Entry, isUtc: boolean): readonly string[] {
  const { actor, targets, context } = event
  const [first, ...others] = targets ?? []
  const target = first === undefined ? '-' : `${first.type ?? ''}:${first.id}`.replace(/^:/, '')
  return [
    formatInstant(event.time ?? received, { isUtc }),
    actor?.id ?? '-',
    event.action ?? '-',
    others.length === 0 ? target : `${target} +${others.length}`,
    event.outcome ?? '-',
    context?.ip ?? '-',
  ]
}
