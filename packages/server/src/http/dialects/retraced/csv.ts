import type { Entry } from '@indelible/protocol'
import { formatRecord } from '../../../query/export.ts'
import { toEventNode } from './event-node.ts'

const columns = [
  ...['id', 'action', 'crud', 'canonical_time', 'received', 'description', 'is_failure'],
  ...['is_anonymous', 'actor.id', 'actor.name', 'actor.href', 'group.id', 'group.name'],
  ...['target.id', 'target.name', 'target.href', 'target.type', 'source_ip', 'component'],
  ...['version', 'external_id', 'fields', 'metadata'],
] as const

/** First line of the viewer's CSV: there even where nothing was found. */
export const retracedCsvHeader = formatRecord(columns)

/** One event of the viewer's CSV; `fields` and `metadata` are JSON. */
export function formatRetracedCsv(entry: Entry): string {
  const node = toEventNode(entry)
  return formatRecord(
    columns.map((column) => {
      const [name = '', member] = column.split('.')
      const { [name]: value } = node
      // A party is null, or an object that `toEventNode` made.
      const cell =
        member === undefined ? value : (value as Record<string, unknown> | null)?.[member]
      return (Array.isArray(cell) && cell.length === 0 ? undefined : cell) ?? undefined
    }),
  )
}
