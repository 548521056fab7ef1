import { startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'

test('the figures are those of the store and of the process, without a secret', async () => {
  await using server = await startTestServer()
  const events = Array.from({ length: 5 }, () => ({ action: 'a.b', actor: { id: 'u_1' } }))
  await server.post('/v1/events', events)
  const { json: logs } = await server.ask('/v1/logs')
  const { status, json } = await server.ask('/v1/service')
  expect(status).toBe(200)
  expect(json).toMatchObject({
    ready: true,
    logs: logs.logs.length,
    intake: { bytes: 0, bytesMax: expect.any(Number), stopped: null },
    index: { behindMax: expect.any(Number) },
    queues: [],
    signing: { refusals: [] },
    node: process.version,
  })
  const { kind, where, bytes } = json.store
  if (kind === 'sqlite') expect(where).toBe(server.folder)
  else expect(where).toMatch(/^postgres:\/\/[^@]+$/)
  expect(bytes).toBeGreaterThan(10_000)
  expect(json.entries).toBeGreaterThanOrEqual(5)
  expect(json.appended).toBeGreaterThanOrEqual(5)
  expect(json.memory.rss).toBeGreaterThan(json.memory.heap)
  expect(json.started <= new Date().toISOString()).toBe(true)
})
