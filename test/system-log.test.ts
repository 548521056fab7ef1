import { verifyReceipt } from '@indelible/proof'
import {
  createTemporaryFolder,
  startTestServer,
  type TestServer,
  testAdminPassword,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'

/** Reads and administration are audited too, in the log of the tenant `_system`. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

interface SystemEvent {
  readonly action: string
  readonly outcome: string
  readonly actor: { readonly type: string; readonly id: string; readonly name?: string }
  readonly targets?: readonly { readonly type: string; readonly id: string }[]
  readonly context?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, unknown>>
}
const event = { action: 'a.b', actor: { id: 'u_1' } }

async function listSystem(search = '', of: TestServer = server): Promise<SystemEvent[]> {
  const { json } = await of.ask(`/v1/events?tenant=_system&order=asc&limit=1000${search}`)
  return json.entries.map((entry: { event: SystemEvent }) => entry.event)
}

test('the first read of a caller is on record before it is answered, with who, what and from where (P-10)', async () => {
  await post('/v1/events', { ...event, tenant: 'read', id: 'r' })
  const { key, id } = (
    await post('/v1/keys', { name: 'reader', scopes: ['read', 'export'], tenants: ['read'] })
  ).json
  const headers = {
    authorization: `Bearer ${key}`,
    'user-agent': 'tests/1',
    'x-forwarded-for': '6.6.6.6',
  }
  const reads = [
    ['/v1/events?actor.id=u_1&q=x', 'events.searched'],
    ['/v1/events/r', 'event.read'],
    ['/v1/events/r/receipt', 'receipt.read'],
    ['/v1/export?actor.id=u_1', 'events.exported'],
    ['/v1/histogram', 'events.counted'],
    ['/v1/values?field=action', 'values.listed'],
  ]
  for (const [path = '', action = ''] of reads) {
    expect((await ask(path, { headers })).status).toBe(200)
    const found = (await listSystem(`&action=${action}`)).filter(({ actor }) => actor.id === id)
    expect(found, action).toHaveLength(1)
    expect(found[0]).toMatchObject({
      ...{ action, outcome: 'success', actor: { type: 'key', id, name: 'reader' } },
      targets: [{ type: 'tenant', id: 'read' }],
      // the socket's word, never that of a header.
      context: { ip: '127.0.0.1', agent: 'tests/1', request: expect.any(String) },
      data: { count: 1 },
    })
  }
  const [searched] = (await listSystem('&action=events.searched')).filter(
    ({ actor }) => actor.id === id,
  )
  expect(searched?.data?.query).toEqual({ 'actor.id': 'u_1', q: 'x' })
})

test('what is no read of events, and reads of _system itself, breed no entries', async () => {
  const before = (await ask('/v1/logs/_system')).json.size
  for (const path of [
    ...['/healthz', '/readyz', '/metrics', '/openapi.json', '/v1/logs', '/v1/logs/_system'],
    ...['/v1/logs/_system/proofs/inclusion?index=0', '/v1/events?tenant=_system'],
    ...[
      '/v1/events?tenant=_system&limit=1',
      '/v1/histogram?tenant=_system',
      '/v1/export?tenant=_system',
    ],
  ]) {
    expect((await ask(path)).status, path).toBe(200)
  }
  expect((await ask('/v1/logs/_system')).json.size).toBe(before)
  expect((await ask('/metrics')).text).toMatch(/^indelible_system_reads_total [1-9]/m)
})

test('repeats are collapsed to one more entry with their count, at the latest when the service stops (P-10)', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  await using first = await startTestServer({ folder })
  await first.post('/v1/events', event)
  for (let at = 0; at < 5; at++) await first.ask(`/v1/events?limit=${at + 1}`)
  await first.ask('/v1/events?tenant=*')
  await first.ask('/v1/events?tenant=other')
  const counts = async (of: TestServer) =>
    (await listSystem('&action=events.searched', of)).map(
      ({ targets = [], data }) => `${targets.map(({ id }) => id)}: ${data?.count}`,
    )
  expect(await counts(first)).toEqual(['default: 1', 'other: 1'])
  await first.stop()
  await using second = await startTestServer({ folder })
  expect(await counts(second)).toEqual(['default: 1', 'other: 1', 'default: 5'])
  const collapsed = (await listSystem('&action=events.searched', second)).at(-1)
  expect(collapsed?.data?.reads).toEqual([
    ...[2, 3, 4, 5].map((limit) => ({ query: { limit: String(limit) }, count: 1 })),
    { query: { tenant: '*' }, count: 1 },
  ])
})

test('every act of administration is on record, and none of its secrets', async () => {
  const json = { 'content-type': 'application/json' }
  const key = (await post('/v1/keys', { name: 'k', scopes: ['append'], tenants: ['acts'] })).json
  await ask(`/v1/keys/${key.id}`, { method: 'DELETE' })
  const user = {
    username: 'ada',
    role: 'auditor',
    tenants: ['acts'],
    password: 'a very long password',
  }
  await post('/v1/users', user)
  await ask('/v1/users/ada', { method: 'PATCH', headers: json, body: '{"role":"writer"}' })
  await post('/v1/login', { username: 'ada', password: 'the wrong password' })
  const session = (await post('/v1/login', { username: 'ada', password: user.password })).json
  await ask('/v1/logout', { method: 'POST', headers: { authorization: `Bearer ${session.token}` } })
  await ask('/v1/users/ada', { method: 'DELETE' })
  await post('/v1/tenants', { tenant: 'acts', name: 'Acts Ltd' })
  const viewer = (await post('/v1/tokens', { tenant: 'acts', filter: 'actor:u_1' })).json
  await post('/v1/events', { ...event, tenant: 'made-by-its-first-event' })

  const acts = await listSystem()
  const actions = acts.map(({ action }) => action)
  for (const action of [
    ...['key.created', 'key.revoked', 'user.created', 'user.changed', 'user.removed'],
    ...['session.created', 'session.denied', 'tenant.created', 'token.created', 'log.created'],
  ]) {
    expect(actions).toContain(action)
  }
  const find = (action: string, id: string) =>
    acts.find((act) => act.action === action && act.targets?.some((target) => target.id === id))
  expect(find('key.created', key.id)).toMatchObject({
    actor: { type: 'root' },
    context: { ip: '127.0.0.1' },
    data: { scopes: ['append'], tenants: ['acts'] },
  })
  expect(acts.find(({ action }) => action === 'session.denied')).toMatchObject({
    outcome: 'denied',
    actor: { type: 'user', id: 'ada' },
  })
  const text = JSON.stringify(acts)
  for (const secret of [key.key, session.token, viewer.token, user.password, testAdminPassword]) {
    expect(text).not.toContain(secret)
  }
  expect(text).not.toContain('the wrong password')
})

test('acts that were refused leave no record of having happened', async () => {
  const before = (await listSystem('&action=key.created')).length
  await post('/v1/keys', { name: 'k', scopes: ['all'], tenants: ['a'] })
  await post('/v1/keys', { name: 'k', scopes: ['read'], tenants: ['a b'] })
  expect(await listSystem('&action=key.created')).toHaveLength(before)
})

test('the log of _system is one as any other: in order, proved by receipts', async () => {
  const { json } = await ask('/v1/events?tenant=_system&limit=3')
  const { vkey } = (await ask('/v1/logs/_system')).json
  for (const { index, hash, event: kept } of json.entries) {
    const receipt = await ask(`/v1/events/${kept.id}/receipt?tenant=_system`)
    expect(await verifyReceipt(receipt.json, [vkey])).toMatchObject({ index, hash })
  }
})
