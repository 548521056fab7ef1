import type { Entry } from '@indelible/protocol'

/** Beginnings that a spreadsheet takes for a formula, or strips until it finds one. */
const formula = /^(?:[\s\0]*[=+\-@＝＋－＠]|[\t\r\n\0])/

/** Columns of a CSV export, in order. */
export const csvColumns = [
  ...['tenant', 'index', 'received', 'time', 'action', 'outcome'],
  ...['actor.type', 'actor.id', 'actor.name', 'targets', 'source'],
  ...['context.ip', 'context.agent', 'context.request', 'id', 'hash', 'changes', 'data'],
] as const

/** First line of a CSV export. */
export const csvHeader = formatRecord(csvColumns)

/**
 * One record of a CSV export (RFC 4180): every field quoted, CRLF at the end. `targets` is
 * `type:id` for each, joined by `; `; `changes` and `data` are JSON.
 *
 * Spreadsheets take a cell that begins with `= + - @` (their full-width twins too), a tab, CR, LF or
 * NUL for a formula, quoted or not, and what is logged is chosen by strangers: such a cell gets a
 * leading `'`. So a CSV is for reading; NDJSON is the faithful export.
 */
export function formatCsv(entry: Entry): string {
  const { event } = entry
  const { actor, context, targets = [] } = event
  return formatRecord([
    ...[entry.tenant, entry.index, entry.received, event.time, event.action, event.outcome],
    ...[actor?.type, actor?.id, actor?.name],
    targets.map(({ type = '', id }) => `${type}:${id}`).join('; '),
    ...[event.source, context?.ip, context?.agent, context?.request, event.id, entry.hash],
    ...[event.changes, event.data],
  ])
}

/** One record of RFC 4180 with nothing in it that a spreadsheet would take for a formula. */
export function formatRecord(fields: readonly unknown[]): string {
  return `${fields.map((field) => `"${formatField(field)}"`).join(',')}\r\n`
}

function formatField(field: unknown): string {
  if (field === undefined) return ''
  const text = typeof field === 'string' ? field : JSON.stringify(field)
  return (formula.test(text) ? `'${text}` : text).replaceAll('"', '""')
}
