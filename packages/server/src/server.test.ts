import { verifyReceipt } from '@indelible/proof'
import { startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'

const event = {
  action: 'customer.account.created',
  actor: { id: 'u_1', name: 'Zoë' },
  targets: [{ type: 'account', id: 'a_7' }],
  context: { ip: '10.1.2.3' },
  data: { plan: 'pro', password: 'hunter2' },
}

test('an event that was acknowledged is found, proved by a receipt, and never twice', async () => {
  await using server = await startTestServer()
  const first = await server.post('/v1/events', { ...event, id: 'e-1' })
  expect(first.status).toBe(201)
  expect(first.json).toMatchObject({ id: 'e-1', tenant: 'default', index: 0 })

  const again = await server.post('/v1/events', { ...event, id: 'e-1' })
  expect(again.status).toBe(200)
  expect(again.json).toEqual({ ...first.json, duplicate: true })
  const other = await server.post('/v1/events', { ...event, id: 'e-1', action: 'else' })
  expect(other.json).toMatchObject({ status: 409, code: 'idempotency-conflict' })

  const found = await server.ask('/v1/events?actor.id=u_1&q=zo%C3%AB')
  expect(found.json.entries).toHaveLength(1)
  expect(found.json.entries[0].event.data.password).toBe('[redacted:password]')

  const receipt = await server.ask('/v1/events/e-1/receipt')
  expect(receipt.status).toBe(200)
  const log = await server.ask('/v1/logs/default')
  const verified = await verifyReceipt(receipt.json, [log.json.vkey])
  expect(verified).toMatchObject({ index: 0, hash: first.json.hash })
})

test('what was acknowledged is still there after a restart, and indexes go on', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', [event, event])
  await server.stop()
  await using restarted = await startTestServer({ folder: server.folder })
  const third = await restarted.post('/v1/events', event)
  expect(third.json.index).toBe(2)
  expect((await restarted.ask('/v1/events?order=asc')).json.entries).toHaveLength(3)
})
