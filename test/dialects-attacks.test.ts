import { gzipSync } from 'node:zlib'
import { startTestServer, testAdminPassword } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { dialectQuestions } from './dialects/questions.ts'
import { dialectTargets } from './dialects/targets.ts'

/** What somebody with a key for one tenant, or with none, tries of the dialects. */
const server = await startTestServer({ config: { otlpAudit: true } })
afterAll(() => server[Symbol.asyncDispose]())

const grant = { name: 'attacker', scopes: ['append', 'read', 'export'], tenants: ['own'] }
const { key } = (await server.post('/v1/keys', grant)).json
const authorization = `Bearer ${key}`

test('a member that shadows what every object has is refused like any other value', async () => {
  const odd = { toString: 1, valueOf: 1 }
  const retraced = '/publisher/v1/project/p/event'
  for (const [path, body, pointer] of [
    ['/event', { event_type: 'a', customer_id: odd, event_data: { a: 1 } }, '/customer_id'],
    [retraced, { action: 'a', crud: odd, is_anonymous: true }, '/crud'],
    [retraced, { action: 'a', crud: ['c'], is_anonymous: true }, '/crud'],
  ] as const) {
    const { status, json } = await server.post(path, body, { authorization })
    expect([status, json.errors[0].pointer], path).toEqual([422, pointer])
  }
  for (const retention_period of [odd, ['1_YEAR'], 'constructor']) {
    const body = JSON.stringify({ retention_period })
    const path = '/organizations/own/audit_logs_retention'
    const { status, json } = await server.ask(path, { method: 'PUT', body })
    expect([status, json.errors[0].field]).toEqual([422, '/retention_period'])
  }
})

test('a stranger’s log-in is not inflated, and a refusal is never as large as what it refuses', async () => {
  const gzip = { 'content-encoding': 'gzip' }
  const send = (path: string, body: string, headers = {}) =>
    server.ask(path, {
      ...{ method: 'POST', body: new Uint8Array(gzipSync(body)) },
      headers: { ...gzip, authorization, ...headers },
    })
  const login = JSON.stringify({ username: 'admin', password: testAdminPassword })
  const stranger = { authorization: '' }
  for (const path of ['/login', '/viewer/v1/viewersession']) {
    expect((await send(path, login, stranger)).json.code, path).toBe('json-malformed')
  }
  const many = Array(131_000).fill(0)
  for (const [path, body] of [
    ['/audit_logs/actions/a/schemas', { targets: many }],
    ['/publisher/v1/project/p/event/bulk', { events: many }],
    ['/cloudtrail', { Records: many.slice(0, 10_000) }],
    ['/github/audit', many.slice(0, 10_000)],
    ['/v1/logs', { resourceLogs: many.slice(0, 10_000) }],
  ] as const) {
    const { status, text } = await send(path, JSON.stringify(body))
    expect(status, path).toBeGreaterThanOrEqual(400)
    expect(text.length, path).toBeLessThan(40_000)
  }
  const lines = await send('/github/audit', '\n'.repeat(16 * 1024 * 1024))
  expect(lines.json.detail).toMatch(/is empty/)
})

test('a key that reaches no tenant’s schemas is not told that it has set one', async () => {
  const grant = { name: 'system', scopes: ['admin', 'read'], tenants: ['_system'] }
  const { key } = (await server.post('/v1/keys', grant)).json
  const headers = { authorization: `Bearer ${key}` }
  const { status } = await server.post('/audit_logs/actions/a/schemas', { targets: [] }, headers)
  expect(status).toBe(403)
})

test('a key that only appends reads no flat event, not even by its id (A-16)', async () => {
  const grant = { name: 'writer', scopes: ['append'], tenants: ['own'] }
  const headers = { authorization: `Bearer ${(await server.post('/v1/keys', grant)).json.key}` }
  const event = { event_type: 'a', customer_id: 'c', event_id: 'written', event_data: { a: 1 } }
  expect((await server.post('/event?tenant=own', event, headers)).status).toBe(201)
  for (const path of ['/event/written', '/event/unknown', '/event', '/events']) {
    expect((await server.ask(path, { headers })).json.code, path).toBe('scope-insufficient')
  }
})

// Retraced's project is no tenant, and WorkOS' organization stands in the body.
const named = dialectTargets.filter(({ path }) => !/^\/audit/.test(path))

test.each(named)('$name: the URL names a tenant of the key, and never another', async (target) => {
  const { path, headers, valid, taken = 201 } = target
  const tenants = ['one', 'two'].map((name) => `${name}-${named.indexOf(target)}`)
  const grant = { name: 'several', scopes: ['append', 'read'], tenants }
  const { key } = (await server.post('/v1/keys', grant)).json
  const post = (query: string) =>
    server.ask(path + query, {
      ...{ method: 'POST', body: JSON.stringify(valid[0]).replaceAll('$n', '1') },
      headers: { 'content-type': 'application/json', ...headers, authorization: `Bearer ${key}` },
    })
  const size = async (tenant = '') => (await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0
  for (const foreign of ['foreign', '_system', '*', '', `${tenants[0]}&tenant=${tenants[1]}`]) {
    const { status } = await post(`?tenant=${foreign}`)
    expect([400, 403, 422], foreign).toContain(status)
  }
  expect((await post(`?tenant=${tenants[1]}`)).status).toBe(taken)
  expect([await size(tenants[0]), await size('foreign')]).toEqual([0, 0])
  expect(await size(tenants[1])).toBeGreaterThan(0)
})

describe('a key', async () => {
  const scopes = ['append', 'read', 'export', 'admin']
  const makeKey = async (held: readonly string[], tenant: string): Promise<string> =>
    (await server.post('/v1/keys', { name: 'k', scopes: held, tenants: [tenant] })).json.key
  const whole = await makeKey(scopes, 'kept')
  const elsewhere = await makeKey(scopes, 'elsewhere')
  const lacking = new Map<string, string>()
  for (const scope of scopes) {
    const others = scopes.filter((one) => one !== scope)
    lacking.set(scope, await makeKey(others, 'kept'))
  }
  const canary = 'canary-of-kept'
  const ofWhole = { authorization: `Bearer ${whole}` }
  const flat = { event_id: 'e-1', event_type: 'a', customer_id: canary, event_data: { canary } }
  expect((await server.post('/event', flat, ofWhole)).status).toBe(201)
  const retraced = { action: 'user.login', crud: 'c', group: { id: canary }, is_anonymous: true }
  const reported = await server.post('/publisher/v1/project/p/event', retraced, ofWhole)
  expect(reported.status).toBe(201)

  const ask = async (question: (typeof dialectQuestions)[number], key: string, query = '') => {
    const { method, route, fill, body } = question
    const places: Readonly<Record<string, string>> = fill?.('kept') ?? {}
    const path = Object.entries(places).reduce((at, [name, text]) => at.replace(name, text), route)
    const sent = body?.('kept')
    return server.ask(path + query, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    })
  }
  const scoped = dialectQuestions.filter(({ needs }) => needs !== undefined)

  test.each(scoped)(
    'that lacks the scope $needs gets nothing of $method $route (A-16, P-01)',
    async (question) => {
      const group = question.route.endsWith('viewertoken') ? '?group_id=g' : ''
      const refused = await ask(question, lacking.get(question.needs ?? '') ?? '', group)
      // An id that holds what it selects is looked at first, and says nothing of anybody.
      expect([403, ...(question.route.includes('/exports/') ? [404] : [])]).toContain(
        refused.status,
      )
      expect(refused.text).not.toContain(canary)
      expect((await ask(question, whole)).status).not.toBe(403)
    },
  )

  test('would be told the canaries, had it the scope', async () => {
    const read = scoped.filter(({ route }) => /event|graphql/.test(route))
    const texts = await Promise.all(read.map(async (one) => (await ask(one, whole)).text))
    expect(texts.filter((text) => text.includes(canary)).length).toBeGreaterThan(2)
  })

  test.each(dialectQuestions)(
    'of another tenant gets nothing by $method $route (P-01)',
    async (question) => {
      for (const query of ['', '?tenant=kept', '?tenant=*']) {
        const { text } = await ask(question, elsewhere, query)
        expect(text).not.toContain(canary)
      }
    },
  )

  test.each(dialectTargets)(
    'that lacks the scope append keeps nothing by $name (A-16, P-01)',
    async ({ path, headers, valid }) => {
      const { status } = await server.ask(path, {
        ...{
          method: 'POST',
          body: JSON.stringify(valid[0]).replaceAll('$n', '1').replaceAll('$tenant', 'kept'),
        },
        headers: {
          'content-type': 'application/json',
          ...headers,
          authorization: `Bearer ${lacking.get('append')}`,
        },
      })
      expect(status).toBe(403)
    },
  )
})
