import { startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'

/** What settings and grants open and close, from outside. */
const event = { action: 'a.b', actor: { id: 'u_1' } }
const open = { headers: { authorization: '' } }

test('public tiles open checkpoints and hashes to anybody, and entries to nobody more', async () => {
  await using server = await startTestServer({ config: { publicTiles: true } })
  await server.post('/v1/events', { ...event, id: 'e' })
  expect((await server.ask('/v1/events/e/receipt')).status).toBe(200)
  const log = '/v1/logs/default'
  for (const path of ['checkpoint', 'tile/0/000.p/1']) {
    expect((await server.ask(`${log}/${path}`, open)).status, path).toBe(200)
  }
  for (const path of ['tile/entries/000.p/1', 'proofs/inclusion?index=0', '']) {
    const answer = await server.ask(`${log}/${path}`.replace(/\/$/, ''), open)
    expect(answer.json.code, path).toBe('credentials-missing')
  }
})

test('without that setting no tile and no checkpoint is open', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', event)
  for (const path of ['checkpoint', 'tile/0/000.p/1', 'tile/entries/000.p/1']) {
    const answer = await server.ask(`/v1/logs/default/${path}`, open)
    expect(answer.json.code, path).toBe('credentials-missing')
  }
})

test('what a credential opened no shared cache keeps, and no browser for who signs in next', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', { ...event, id: 'e' })
  expect((await server.ask('/v1/events/e/receipt')).status).toBe(200)
  for (const path of ['checkpoint', 'tile/0/000.p/1', 'tile/entries/000.p/1']) {
    const { headers } = await server.ask(`/v1/logs/default/${path}`)
    expect(headers.get('cache-control'), path).toMatch(/^private, /)
    expect(headers.get('vary'), path).toBe('authorization, cookie')
  }
})

test('a metrics key closes the metrics, to the root key too (C-09)', async () => {
  await using server = await startTestServer({ config: { metricsKey: 'metrics-key' } })
  for (const authorization of ['', 'Bearer wrong']) {
    const answer = await server.ask('/metrics', { headers: { authorization } })
    expect(answer.json.code).toBe('credentials-invalid')
  }
  expect((await server.ask('/metrics')).status).toBe(401)
  const headers = { authorization: 'Bearer metrics-key' }
  expect((await server.ask('/metrics', { headers })).status).toBe(200)
})

test('a key’s own rate bears on it alone, and a refusal says when to come back', async () => {
  await using server = await startTestServer()
  const body = { name: 'k', scopes: ['append'], tenants: ['rated'], rate: 2 }
  const { key } = (await server.post('/v1/keys', body)).json
  const rated = { authorization: `Bearer ${key}` }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => server.post('/v1/events', event, rated)),
  )
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  for (const { json, headers: sent } of refused) {
    expect(json.code).toBe('rate-exceeded')
    expect(Number(sent.get('retry-after'))).toBeGreaterThanOrEqual(1)
  }
  const { size } = (await server.ask('/v1/logs/rated')).json
  expect(size).toBe(answers.length - refused.length)
  expect((await server.post('/v1/events', { ...event, tenant: 'rated' })).status).toBe(201)
})

test('a page has 100 entries unless it is asked for another number, up to 1,000', async () => {
  await using server = await startTestServer()
  await server.post(
    '/v1/events',
    Array.from({ length: 1_100 }, () => event),
  )
  for (const [search, count] of [
    ['', 100],
    ['?limit=1', 1],
    ['?limit=1000', 1_000],
  ] as const) {
    const { json } = await server.ask(`/v1/events${search}`)
    expect(json.entries).toHaveLength(count)
    expect(typeof json.next).toBe('string')
  }
})
