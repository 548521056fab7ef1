import { ClientError, toClientError } from '../error.ts'
import type { AuditEvent } from '../event.ts'
import type { Rejected } from '../options.ts'
import type { OutboxRow, OutboxTable } from './outbox-table.ts'

/** The way of rows from their table to the log. */
export interface Way {
  readonly table: Pick<OutboxTable, 'remove' | 'setAside'>
  readonly append: (events: readonly AuditEvent[]) => Promise<unknown>
  readonly onRelayed: (count: number) => void
  readonly onRejected: (rejected: Rejected) => void
}

/**
 * Appends rows; where one is refused for good it is set aside, and the others go without it.
 * @throws what may pass: rows that were not removed stay
 */
export async function deliverRows(rows: readonly OutboxRow[], way: Way): Promise<void> {
  const [row] = rows
  if (row === undefined) return
  const refusal = await tryAppend(rows, way)
  if (refusal === undefined) {
    await way.table.remove(rows.map(({ id }) => id))
    way.onRelayed(rows.length)
  } else if (rows.length === 1) {
    const event = describeRow(row)
    await way.table.setAside(row.id, describeRefusal(event, refusal))
    way.onRejected({ event, error: refusal })
  } else {
    const middle = rows.length >> 1
    await deliverRows(rows.slice(0, middle), way)
    await deliverRows(rows.slice(middle), way)
  }
}

/** @returns a refusal for good */
async function tryAppend(rows: readonly OutboxRow[], way: Way): Promise<ClientError | undefined> {
  try {
    await way.append(rows.map(parseRow))
    return undefined
  } catch (thrown) {
    const error = toClientError(thrown)
    if (isRefusal(error)) return error
    throw error
  }
}

/** The event's own fault. Anything else may be mended, a key that is not valid, too: it waits. */
const isRefusal = ({ status = 0 }: ClientError): boolean =>
  [400, 403, 409, 413, 422].includes(status)

function parseRow({ event }: OutboxRow): AuditEvent {
  try {
    return JSON.parse(event)
  } catch {
    // By another hand: nothing here writes such a row.
    throw new ClientError('event-invalid', 'The row holds no JSON.', { status: 400 })
  }
}

function describeRow(row: OutboxRow): AuditEvent | string {
  try {
    return parseRow(row)
  } catch {
    return row.event
  }
}

/** With the event's id: PostgreSQL can't look into JSON that has a NUL in it. */
function describeRefusal(event: AuditEvent | string, error: ClientError): string {
  const id = typeof event === 'string' ? undefined : event.id
  const { code, message: detail, status, errors } = error
  return JSON.stringify({ id, code, detail, status, errors })
}
