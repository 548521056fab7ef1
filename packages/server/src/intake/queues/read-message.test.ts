import type { Head } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { Refusal } from '../../base/refusal.ts'
import type { AdmittedEvent } from '../../store/store.ts'
import { createAdmission } from '../admit.ts'
import { createRedactor } from '../redact.ts'
import { createRulebook } from '../rulebook.ts'
import { type ActionSchema, createActionSchema } from '../schemas/action-schema.ts'
import { createMessageIds } from './message-ids.ts'
import { createMessageReader } from './read-message.ts'
import { createMessage, event } from './testing/messages.ts'

/** A log that knows ids and nothing else, and can be made to refuse after it kept them. */
function createLog() {
  const ids: string[] = []
  const refusals: Refusal[] = []
  return {
    ids,
    refusals,
    async append(events: readonly AdmittedEvent[]): Promise<Head[]> {
      const heads = events.map(({ id, tenant }): Head => {
        const duplicate = ids.includes(id)
        if (!duplicate) ids.push(id)
        return {
          ...{ id, tenant, index: ids.indexOf(id), received: '', hash: '' },
          ...(duplicate ? { duplicate } : {}),
        }
      })
      const refusal = refusals.shift()
      if (refusal !== undefined) throw refusal
      return heads
    },
  }
}

const clock = () => 1_800_000_000_000
function createReader(
  log: Pick<ReturnType<typeof createLog>, 'append'>,
  secret = new Uint8Array(32),
  findSchema: (tenant: string, action: string) => ActionSchema | undefined = () => undefined,
) {
  let made = 0
  const createId = () => `made-${++made}`
  return createMessageReader({
    admission: createAdmission({
      ...{ clock, createId },
      redactor: createRedactor({ rules: {}, hashSecret: 'x' }),
      findSchema,
    }),
    append: log.append,
    resolveTenant: (name) => name ?? 'default',
    messageIds: createMessageIds({ secret, queue: 'events' }),
    ...{ createId, clock },
  })
}

test('a message that comes again is the same entries, though it names no id', async () => {
  const log = createLog()
  const read = createReader(log)
  for (const deliveriesBefore of [0, 1, 2]) {
    await (await read(createMessage([event, event], { deliveriesBefore })))()
  }
  expect(log.ids).toHaveLength(2)
})

test('a message alike in every byte is another entry, and also when it is tried again', async () => {
  const log = createLog()
  const read = createReader(log)
  await (await read(createMessage(event)))()
  const append = await read(createMessage(event))
  log.refusals.push(new Refusal('pushback', { detail: 'full' }))
  await expect(append()).rejects.toThrow('full')
  log.refusals.push(new Refusal('clock-behind', { detail: 'behind' }))
  await expect(append()).rejects.toThrow('behind')
  await append()
  await append()
  expect(log.ids).toHaveLength(2)
})

test('a message is admitted by the rules of redaction as they are when it comes', async () => {
  const rulebook = createRulebook({ hashSecret: 'x' })
  const rule = { name: 'case-number', pattern: 'CASE-*', action: 'mask' } as const
  const kept: AdmittedEvent[] = []
  const read = createMessageReader({
    admission: createAdmission({ clock, createId: String, redactor: rulebook }),
    append: async (events) => {
      kept.push(...events)
      return []
    },
    // Where another node changed them: read before anything is admitted.
    beforeAdmit: async () => rulebook.use({ rules: [rule], switchedOff: [], former: [] }),
    resolveTenant: (name) => name ?? 'default',
    messageIds: createMessageIds({ secret: new Uint8Array(32), queue: 'events' }),
    ...{ createId: String, clock },
  })
  await (await read(createMessage({ ...event, data: { note: 'of CASE-77' } })))()
  expect(kept[0]?.parts.data).toBe('{"note":"of [redacted:case-number]"}')
})

test('what was kept although the store said it was away is not kept again', async () => {
  const log = createLog()
  const append = await createReader(log)(createMessage(event))
  log.refusals.push(new Refusal('store-unavailable', { detail: 'outcome unknown' }))
  await expect(append()).rejects.toThrow('outcome unknown')
  await append()
  expect(log.ids).toHaveLength(1)
})

test('the broker’s own name for a message tells twins apart for good', async () => {
  const log = createLog()
  const read = createReader(log)
  for (const position of ['1', '2', '1']) {
    await (await read(createMessage(event, { position, deliveriesBefore: 1 })))()
  }
  expect(log.ids).toHaveLength(2)
})

test('a message id that is no event id is made one, the same each time', async () => {
  const log = createLog()
  const read = createReader(log)
  for (const messageId of ['order 7', 'order 7', 'order 8', 'x'.repeat(200)]) {
    await (await read(createMessage(event, { messageId })))()
  }
  expect(log.ids).toHaveLength(3)
  for (const id of log.ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
})

test('ids made of a body tell nothing to whoever has not the secret', async () => {
  const ids = await Promise.all(
    [0, 1].map(async (fill) => {
      const log = createLog()
      await (await createReader(log, new Uint8Array(32).fill(fill))(createMessage(event)))()
      return log.ids[0]
    }),
  )
  expect(ids[0]).not.toBe(ids[1])
})

test('ids that events bring are theirs; the others of the batch get theirs from the message', async () => {
  const log = createLog()
  const events = [{ ...event, id: 'own' }, event]
  await (await createReader(log)(createMessage(events, { messageId: 'm' })))()
  expect(log.ids).toEqual(['own', 'm:1'])
})

test('what does not match the schema of its action is handed to the ledger as a repeat or nothing', async () => {
  const schema = createActionSchema(JSON.stringify({ required: ['source'] }))
  const seen: AdmittedEvent[] = []
  const log = {
    async append(events: readonly AdmittedEvent[]): Promise<Head[]> {
      seen.push(...events)
      return []
    },
  }
  const read = createReader(log, undefined, (_, action) =>
    action === event.action ? schema : undefined,
  )
  await (await read(createMessage(event)))()
  await (
    await read(
      createMessage([
        { ...event, source: 's' },
        { ...event, action: 'other' },
      ]),
    )
  )()
  expect(seen.map(({ faults }) => faults)).toEqual([
    [{ pointer: '/source', detail: 'Missing: "source" is required.' }],
    ...[undefined, undefined],
  ])
})
