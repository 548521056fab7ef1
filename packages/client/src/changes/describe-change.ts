import { ClientError } from '../error.ts'
import type { AuditEvent } from '../event.ts'
import { redactSecrets } from '../redaction.ts'
import { createPatch, type PatchOperation } from './json-patch.ts'

/** What an event is about, before and after it. */
export interface States {
  /** A document, an entity, a row; null, or left out: there was none, it was created. */
  readonly before?: object | null | undefined
  /** null, or left out: it was deleted. */
  readonly after?: object | null | undefined
}

/** An event's own members, and the state that it is about. */
export interface Change extends Omit<AuditEvent, 'changes'>, States {}

type State = Readonly<Record<string, unknown>> | null

/**
 * The event of a change: `changes` with the state before and after, as JSON, and in `data.patch` the
 * difference as JSON Patch (RFC 6902), beside the event's own data. What was created or deleted is a
 * single operation on the whole document. Secrets are masked by the names of their members; the patch
 * still shows that one has changed.
 * @throws ClientError `event-invalid` for a state that can't be JSON or is no object, and where the
 * event's data has a `patch` already
 */
export function describeChange({ before, after, ...event }: Change): AuditEvent {
  if (event.data?.patch !== undefined) {
    throw new ClientError('event-invalid', 'data.patch is the place of the difference.')
  }
  try {
    const { changes, patch } = findDifference(readState(before), readState(after))
    return { ...event, changes, data: { ...event.data, patch } }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ClientError('event-invalid', `The change can't be told: ${why}`, { cause })
  }
}

/** What is kept of it: dates as texts, `toJSON` asked, functions left out. */
function readState(state: object | null | undefined): State {
  const value: unknown = JSON.parse(JSON.stringify(state ?? null))
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError('before and after must be objects or null')
  }
  return value as State // checked
}

function findDifference(before: State, after: State) {
  // A masked object is an object.
  const changes = { before: redactSecrets(before) as State, after: redactSecrets(after) as State }
  const isCreated = before === null && after !== null
  const created: PatchOperation = { op: 'add', path: '', value: changes.after }
  return { changes, patch: isCreated ? [created] : createPatch(before, after, changes.after) }
}
