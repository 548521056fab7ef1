import { readFileSync } from 'node:fs'
import { startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** kube-apiserver's audit webhook: an `EventList` in its shape, sent as its client sends one. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const sample = readFileSync(
  new URL('../packages/testkit/samples/kubernetes-audit.json', import.meta.url),
  'utf8',
)
const items: readonly Record<string, unknown>[] = JSON.parse(sample).items
const [deleted = {}] = items
const path = '/kubernetes/audit?timeout=30s'
const list = (...events: readonly unknown[]) =>
  JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: events })

async function openTenant(tenant: string) {
  const body = { name: tenant, scopes: ['append', 'read'], tenants: [tenant] }
  const { key } = (await server.post('/v1/keys', body)).json
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return {
    key: key as string,
    post: async (body: string) => {
      const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body })
      return { status: answer.status, json: JSON.parse(await answer.text()) }
    },
    events: async () => {
      const { json } = await server.ask('/v1/events?order=asc', { headers })
      return json.entries.map(({ event }: { event: unknown }) => event)
    },
    find: async (q: string) =>
      (await server.ask(`/v1/events?${new URLSearchParams({ q })}`, { headers })).json.entries
        .length,
    size: async () => (await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0,
  }
}

describe('a batch', () => {
  test('says who did what on what, how it ended, and keeps the original', async () => {
    const tenant = await openTenant('k8s')
    expect((await tenant.post(sample)).status).toBe(201)
    const events = await tenant.events()
    expect(events.map(({ data }: { data: unknown }) => data)).toEqual(items)
    expect(events[0]).toMatchObject({
      ...{ action: 'delete.secrets', outcome: 'success', source: 'kubernetes' },
      time: '2026-03-02T08:00:01.123Z',
      actor: { type: 'user', id: 'zoe@example.com', uid: 'u-1' },
      targets: [
        { type: 'secrets', id: 'prod/db', name: 'db', uid: '7d1b' },
        { type: 'secrets', id: 'db' },
        { type: 'namespaces', id: 'prod' },
      ],
      context: {
        ...{ dialect: 'kubernetes', ip: '198.51.100.7', request: deleted.auditID },
        ...{ stage: 'ResponseComplete', backfilled: true },
      },
    })
    expect(events[1]).toMatchObject({
      action: 'create.pods.exec',
      actor: {
        id: 'zoe@example.com',
        behalf: [{ type: 'service-account', id: 'system:serviceaccount:prod:deployer' }],
      },
    })
    const facts = events.map((event: { action: string; outcome: string }) => [
      ...[event.action, event.outcome],
    ])
    expect(facts.slice(2)).toEqual([
      ['patch.deployments', 'success'],
      ['list.secrets', 'denied'],
      ['watch.deployments', 'unknown'],
      ['watch.deployments', 'success'],
      ['get', 'denied'],
      ['update.nodes.status', 'failure'],
    ])
    expect(events[3].context.ip).toBe('192.0.2.1')
    expect(events[6].targets).toEqual([{ type: 'url', id: '/version' }])
    expect(await tenant.find('target:prod')).toBe(3)
    expect(await tenant.find('target:db outcome:success')).toBe(1)
    expect(await tenant.find('actor:"system:serviceaccount:prod:deployer"')).toBeGreaterThan(0)
  })

  test('of nothing is taken', async () => {
    const tenant = await openTenant('k8s-empty')
    expect((await tenant.post(list())).json).toEqual({ entries: [] })
  })

  test('of today is not marked as backfilled', async () => {
    const tenant = await openTenant('k8s-today')
    const item = { ...deleted, requestReceivedTimestamp: new Date().toISOString() }
    expect((await tenant.post(list(item))).status).toBe(201)
    const [{ context }] = await tenant.events()
    expect(context).not.toHaveProperty('backfilled')
  })

  test('as large as kube-apiserver makes one is taken', async () => {
    const tenant = await openTenant('k8s-large')
    const requestObject = { spec: { text: 'x '.repeat(13_000) } }
    const many = Array.from({ length: 400 }, (_, n) => ({
      ...deleted,
      auditID: `${n}`,
      requestObject,
    }))
    expect(list(...many).length).toBeGreaterThan(10 * 1024 * 1024)
    expect((await tenant.post(list(...many))).status).toBe(201)
    expect(await tenant.size()).toBe(400)
  })
})

test('refusals are a Status, as its client reads them', async () => {
  const tenant = await openTenant('k8s-refused')
  const wrong = await server.ask(path, {
    ...{ method: 'POST', body: sample, headers: { authorization: 'Bearer wrong' } },
  })
  expect(wrong.json).toMatchObject({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 401,
  })
  const inUrl = `/kubernetes/audit?access_token=${tenant.key}`
  const headers = { authorization: '' }
  expect((await server.ask(inUrl, { method: 'POST', body: sample, headers })).status).toBe(401)
  const { stage: _, ...stageless } = deleted
  const future = { ...deleted, requestReceivedTimestamp: '2126-01-01T00:00:00.000000Z' }
  for (const [body, field] of [
    [list(deleted, stageless), '/items/1/stage'],
    [list(deleted, 7), '/items/1'],
    [list(deleted, future), '/items/1/requestReceivedTimestamp'],
    [sample.replace('audit.k8s.io/v1', 'audit.k8s.io/v2'), '/apiVersion'],
    ['[]', ''],
  ] as const) {
    const { status, json } = await tenant.post(body)
    expect([status, json.code, json.details.causes[1].field], body).toEqual([422, 422, field])
  }
  expect((await tenant.post('{')).json.details.causes[0].reason).toBe('json-malformed')
  const big = await tenant.post(list('x'.repeat(17 * 1024 * 1024))).catch(() => undefined)
  // Refused before it was all sent: either the answer, or the end of the connection.
  expect([413, undefined]).toContain(big?.status)
  expect(await tenant.size()).toBe(0)
})

test('nobody who may send requests to the cluster can have others’ records refused', async () => {
  const tenant = await openTenant('k8s-attacked')
  const other = (more: object) => ({ ...deleted, ...more })
  const ref = (more: object) => ({ objectRef: { resource: 'pods', name: 'a', ...more } })
  let deep: unknown = 'bottom'
  for (let level = 0; level < 60; level++) deep = { deep }
  const longName = ['a'.repeat(60), 'b'.repeat(30), 'c'.repeat(30), 'd'.repeat(30)].join('-')
  const rule = await server.ask('/v1/redaction/rules/case', {
    method: 'PUT',
    body: JSON.stringify({ action: 'mask', pattern: 'case-*' }),
    headers: { 'content-type': 'application/json' },
  })
  expect(rule.status).toBe(201)
  const attacks: readonly (object | string)[] = [
    // The same id for another request: callers set it by a header.
    other({ userAgent: 'another' }),
    other({ auditID: 'AKIAIOSFODNN7EXAMPLE' }),
    other(ref({ resource: 'AKIAIOSFODNN7EXAMPLE' })),
    other(ref({ resource: 'xoxb-abcdefghijk' })),
    other(ref({ resource: 'sk-abcdefghijklmn-abcdefghijklmn' })),
    other(ref({ subresource: 'x'.repeat(5_000) })),
    other(ref({ resource: longName, subresource: longName })),
    other(ref({ resource: 'case-abc' })),
    other({ verb: '' }),
    other({ verb: 'ind_aaaaaaaaaaaaaaaaaaaaaaaa' }),
    other(ref({ name: 'a\0b' })),
    other(ref({ name: '\ud800', namespace: 'n'.repeat(9_000) })),
    other({ requestURI: `/${'x'.repeat(900_000)}`, objectRef: undefined }),
    other({ userAgent: 'x'.repeat(900_000) }),
    other({ user: { username: 'x'.repeat(9_000), extra: { a: ['x'.repeat(400_000)] } } }),
    other({ requestObject: { constructor: 1, a: { prototype: [] } } }),
    other({ requestObject: deep }),
    other({ requestObject: Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [n, n])) }),
    other({ requestObject: Array(200_000).fill(1) }),
    // Small until redaction has put its marks in.
    other({ requestObject: { items: Array(11_000).fill({ password: 'a' }) } }),
    other({ requestObject: { password: Array(90_000).fill(1) } }),
    other({ requestURI: `/?${'pwd=1&'.repeat(30_000)}`, objectRef: undefined }),
    other(Object.fromEntries(Array.from({ length: 500 }, (_, n) => [n, 'x'.repeat(3_900)]))),
    other({
      requestURI: 'あ'.repeat(90_000),
      user: { username: 'u', groups: ['あ'.repeat(16_000)] },
    }),
    other({ responseObject: { items: Array(3_000).fill({ kind: 'Pod', text: 'x'.repeat(200) }) } }),
    `{"a":1,"a":2,"n":1e999,"long":12345678901234567890,"__proto__":{"x":1},"d":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  ]
  for (const [n, attack] of attacks.entries()) {
    const attacking =
      typeof attack === 'string'
        ? JSON.stringify(other({ requestObject: '$' })).replace('"$"', () => attack)
        : JSON.stringify(attack)
    const victim = JSON.stringify(other({ auditID: `victim-${n}` }))
    const body = list('$').replace('"$"', () => `${victim},${attacking}`)
    const { status, json } = await tenant.post(body)
    expect(status, `${attacking.slice(0, 300)}\n${JSON.stringify(json).slice(0, 600)}`).toBe(201)
    expect(json.entries).toHaveLength(2)
  }
  const events = await tenant.events()
  const last = events.at(-1)
  expect(last.data.requestObject).toMatchObject({ n: '1e999', long: '12345678901234567890' })
  const actionOf = (text: string) =>
    events.find(({ data }: { data: object }) => JSON.stringify(data).includes(text)).action
  expect(actionOf('[redacted:case]')).toBe('other')
  expect(actionOf('/?pwd=[redacted:password]&')).toBe('delete')
  const large = events.find(
    ({ data }: { data: { userAgent: string } }) => data.userAgent.length > 4_000,
  )
  expect(large.data.annotations).toMatchObject({ 'audit.k8s.io/truncated': 'true' })
})
