import type { Fault, Head } from '@indelible/protocol'
import { Refusal } from '../base/refusal.ts'
import { hasSameContent } from '../ledger/same-content.ts'
import type { AdmittedEvent, Parts } from '../store/store.ts'
import { toEvent, toParts } from './event-parts.ts'

type Append = (events: readonly AdmittedEvent[]) => Promise<Head[]>

/** An entry as far as a repeat is compared with it. */
export interface KeptEvent {
  /** RFC 3339. */
  readonly received: string
  readonly event: Readonly<Record<string, unknown>>
}

/** Nodes learn of a change within this time, and their clocks differ. */
const spreadMs = 5_000

/**
 * Appends, and knows an event again that was kept under other rules of redaction.
 *
 * The ledger compares a repeat with what is kept, after redaction. Once a rule has changed, a retry
 * of what was kept before differs from it in what one of the rules takes, and would be refused for
 * good: a spool or a queue would set aside an event that is safely kept. So what was kept before
 * the latest change is compared without what any rule takes or took. Nothing is written by it: the
 * kept content is submitted in the repeat's place, and the ledger finds it the same.
 */
export function createRepeatAppend(options: {
  readonly append: Append
  readonly readKept: (tenant: string, id: string) => Promise<KeptEvent | undefined>
  readonly strip: <T>(value: T) => T
  /** When rules last changed, Unix milliseconds; undefined: never. */
  readonly changedAt: () => number | undefined
}): Append {
  const { append, readKept, strip, changedAt } = options

  async function findKept(event: AdmittedEvent, changed: number): Promise<Parts | undefined> {
    const kept = await readKept(event.tenant, event.id)
    if (kept === undefined || Date.parse(kept.received) > changed + spreadMs) return undefined
    const stripped = { ...event, parts: toParts(strip(toEvent(event.parts))) }
    const isRepeat = hasSameContent(stripped, toParts(strip(kept.event)))
    return isRepeat ? toParts(kept.event) : undefined
  }

  return async (events) => {
    try {
      return await append(events)
    } catch (error) {
      const changed = changedAt()
      if (changed === undefined || !isConflict(error)) throw error
      const repeated = [...events]
      for (const fault of error.errors ?? []) {
        const at = readPosition(fault)
        const event = events[at]
        const parts = event === undefined ? undefined : await findKept(event, changed)
        // One that differs by itself is enough: the request is refused as a whole.
        if (event === undefined || parts === undefined) throw error
        repeated[at] = { ...event, timeStamped: false, parts }
      }
      return append(repeated)
    }
  }
}

const isConflict = (error: unknown): error is Refusal =>
  error instanceof Refusal && error.code === 'idempotency-conflict'

/** `/3/id`, or `/id` of a single event. */
const readPosition = ({ pointer }: Fault): number => Number(/^\/(\d+)\//.exec(pointer)?.[1] ?? 0)
