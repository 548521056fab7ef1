import type { Head } from '@indelible/protocol'
import type { Clock } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import type { AdmittedEvent } from '../../store/store.ts'
import type { Admission, ResolveTenant } from '../admit.ts'
import { readEvents } from '../body.ts'
import type { MessageIds } from './message-ids.ts'
import type { QueueMessage } from './source.ts'

/**
 * Appends what a message holds, all or nothing; may be called again after a refusal.
 * @throws Refusal as the ledger does
 */
export type AppendMessage = () => Promise<void>

/**
 * Parses and admits a message by the rules of `POST /v1/events`: one event, an array or NDJSON.
 * A message without a content type is taken for JSON, as many publishers name none.
 * @throws Refusal whatever the intake refuses it with: it would be refused at every delivery
 */
export type ReadMessage = (message: QueueMessage) => Promise<AppendMessage>

export function createMessageReader(options: {
  readonly admission: Admission
  readonly append: (events: readonly AdmittedEvent[]) => Promise<Head[]>
  /** Awaited before a message is admitted. */
  readonly beforeAdmit?: () => Promise<void>
  readonly resolveTenant: ResolveTenant
  readonly messageIds: (message: QueueMessage, isBatch: boolean) => MessageIds
  readonly createId: (unixMs: number) => string
  readonly clock: Clock
}): ReadMessage {
  const { admission, append, resolveTenant, messageIds, createId, clock } = options
  return async (message) => {
    const { contentType = 'application/json', contentEncoding, body } = message
    const { shape, values } = await readEvents({ contentType, contentEncoding, body })
    await options.beforeAdmit?.()
    const admit = (idOf: (n: number) => string) =>
      admission.admit(
        values.map((value, n) => (lacksId(value) ? { ...value, id: idOf(n) } : value)),
        { shape, resolveTenant },
      )
    const ids = messageIds(message, shape === 'batch')
    let events = admit(ids.idOf)
    let mayBeTwin = !ids.isOwn && message.deliveriesBefore === 0
    return async () => {
      const heads = await append(events).catch((error: unknown) => {
        // Whether it was kept may be unknown then: what is found next time may be our own.
        if (!isSurelyNotKept(error)) mayBeTwin = false
        throw error
      })
      const isTaken = heads.some(({ duplicate }, n) => duplicate === true && lacksId(values[n]))
      if (!mayBeTwin || !isTaken) return
      // Never handed over before, so never appended: the entry is of another message that is alike
      // in every byte. From here on the ids are this message's own; tried again, they are the same.
      mayBeTwin = false
      events = admit(() => createId(clock()))
      await append(events)
    }
  }
}

const isSurelyNotKept = (error: unknown): boolean =>
  error instanceof Refusal && error.code !== 'store-unavailable'

/** True for an object without a member `id`; anything else is for the admission to judge. */
function lacksId(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Object.hasOwn(value, 'id')
  )
}
