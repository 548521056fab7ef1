import { startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { WorkOS as WorkOS11 } from 'workos-11'
import { openDroppingFront } from './dialects/dropping-front.ts'
import { killAmidst } from './dialects/kill-amidst.ts'
import {
  connectWorkos as connect,
  workosVersions as versions,
  type WorkosVersion,
} from './workos/clients.ts'

/** `@workos-inc/node` as it is in the registry, its `apiHostname` changed. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const event = {
  action: 'user.signed_in',
  occurredAt: new Date('2026-03-01T10:00:00.123Z'),
  actor: { type: 'user', id: 'user_1', name: 'Jon', metadata: { role: 'admin' } },
  targets: [
    { type: 'team', id: 'team_1', name: 'Staff', metadata: { size: 3 } },
    { type: 'page', id: 'page_1' },
  ],
  context: { location: '203.0.113.7', userAgent: 'Chrome' },
  metadata: { plan: 'pro', trial: false },
}
const wide = { rangeStart: new Date('2026-01-01'), rangeEnd: new Date('2026-12-31') }

let organizations = 0
/** A client with a key of an organization of its own, so that tests don't meet. */
async function open(version: WorkosVersion) {
  const org = `org_${++organizations}`
  const scopes = ['append', 'read', 'export', 'admin']
  const { json } = await server.post('/v1/keys', { name: org, scopes, tenants: [org] })
  const authorization = `Bearer ${json.key}`
  return {
    ...{ org, key: json.key as string, ...connect(version, server.url, json.key) },
    post: (path: string, body: unknown, headers = {}) =>
      server.post(path, body, { authorization, ...headers }),
    get: (path: string) => server.ask(path, { headers: { authorization } }),
    entries: async () => (await server.ask(`/v1/events?tenant=${org}&order=asc`)).json.entries,
  }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

describe.each(versions)('the unmodified client, version %s,', (version) => {
  test('has its event kept with everything in it', async () => {
    const { audit, org, entries } = await open(version)
    await audit.createEvent(org, event)
    await audit.createEvent(org, { ...event, context: { location: 'Berlin' } })
    const [first, second] = await entries()
    expect(first.event).toEqual({
      ...{ action: 'user.signed_in', outcome: 'success', tenant: org },
      ...{ id: expect.stringMatching(/^workos-node-/), time: '2026-03-01T10:00:00.123Z' },
      ...{ actor: event.actor, targets: event.targets, data: { metadata: event.metadata } },
      context: { ip: '203.0.113.7', agent: 'Chrome', dialect: 'workos' },
    })
    expect(second.event.context).toEqual({ location: 'Berlin', dialect: 'workos' })
  })

  test('may send an event again under its key, and no other under the same', async () => {
    const { audit, org, entries } = await open(version)
    const again = { idempotencyKey: 'order 7' }
    await audit.createEvent(org, event, again)
    await audit.createEvent(org, event, again)
    expect(await entries()).toHaveLength(1)
    const error = await failure(audit.createEvent(org, { ...event, action: 'other' }, again))
    expect(error).toMatchObject({ name: 'ConflictException', status: 409 })
    expect(await entries()).toHaveLength(1)
  })

  test('tries again after a dropped connection, and the event is kept once', async () => {
    const { key, org, entries } = await open(version)
    await using front = await openDroppingFront(server.url)
    await connect(version, front.url, key).audit.createEvent(org, event)
    expect(await entries()).toHaveLength(1)
  })

  test('exports a range as CSV by a link that needs no key', async () => {
    const { audit, org } = await open(version)
    await audit.createEvent(org, event)
    await audit.createEvent(org, { ...event, action: 'user.left', actor: { type: 'u', id: 'x*' } })
    await audit.createEvent(org, { ...event, occurredAt: new Date('2025-01-01') })
    const made = await audit.createExport({ organizationId: org, ...wide })
    expect(made).toMatchObject({ object: 'audit_log_export', state: 'ready' })
    const found = await audit.getExport(made.id)
    expect(found).toEqual({ ...made, url: expect.any(String) })
    const lines = async (url = '') => (await (await fetch(url)).text()).trim().split('\r\n')
    expect(await lines(made.url)).toHaveLength(3)
    expect(await lines(found.url)).toEqual(await lines(made.url))
    const narrow = async (more: object) => {
      const { url } = await audit.createExport({ organizationId: org, ...wide, ...more })
      return (await lines(url)).length - 1
    }
    expect(await narrow({ actions: ['user.left', 'a "quoted" one'] })).toBe(1)
    expect(await narrow({ actorIds: ['x*'] })).toBe(1)
    expect(await narrow({ actorIds: ['x'] })).toBe(0)
    expect(await narrow({ actorNames: ['Jon'] })).toBe(1)
    expect(await narrow({ targets: ['team'], actions: ['user.signed_in'] })).toBe(1)
    expect(await narrow({ rangeEnd: event.occurredAt })).toBe(2)
    expect(await narrow({ rangeStart: new Date(event.occurredAt.getTime() + 1) })).toBe(0)
  })

  test('holds events to the schemas that it sets, whose versions are counted', async () => {
    const { audit, org, entries } = await open(version)
    const schema = {
      action: 'user.signed_in',
      actor: { metadata: { role: 'string' } },
      targets: [{ type: 'team', metadata: { size: 'number' } }, { type: 'page' }],
      metadata: { plan: 'string', trial: 'boolean' },
    }
    const first = await audit.createSchema(schema)
    const { action: _, ...described } = schema
    expect(first).toMatchObject({ object: 'audit_log_schema', version: 1, ...described })
    await audit.createEvent(org, event)
    const strange = { ...event, targets: [{ type: 'cow', id: '1' }], metadata: { plan: 7 } }
    const error = await failure(audit.createEvent(org, strange))
    expect(error).toMatchObject({ name: 'UnprocessableEntityException', status: 422 })
    expect(error.message).toContain('/event/targets/0/type: ')
    expect(error.message).toContain('/event/metadata/plan: ')
    const second = await audit.createSchema({ ...schema, targets: [{ type: 'cow' }] })
    expect(second.version).toBe(2)
    await audit.createEvent(org, { ...event, version: 1 })
    expect((await failure(audit.createEvent(org, event))).status).toBe(422)
    await audit.createEvent(org, { ...event, version: 2, targets: [{ type: 'cow', id: '1' }] })
    expect(await entries()).toHaveLength(3)
  })

  test('makes links that show one organization its events', async () => {
    const { audit, portal, org } = await open(version)
    await audit.createEvent(org, event)
    const asked = { intent: 'audit_logs', organization: org } as never // an enum in two of them
    const { link } = await portal.generateLink(asked)
    const { origin, pathname, hash } = new URL(link)
    expect([origin, pathname]).toEqual([server.url, '/embed'])
    const token = hash.replace('#token=', '')
    const read = async (tenant: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return server.ask(`/v1/events?tenant=${tenant}`, { headers })
    }
    expect((await read(org)).json.entries).toHaveLength(1)
    expect((await read('default')).status).toBe(403)
    const other = { intent: 'sso', organization: org } as never // likewise
    expect((await failure(portal.generateLink(other))).message).toContain('/intent: ')
  })

  test('learns what is wrong, and nothing is kept', async () => {
    const { audit, org, entries, client } = await open(version)
    const wrong = connect(version, server.url, 'wrong')
    for (const call of [
      () => wrong.audit.createEvent(org, event),
      () => wrong.audit.getExport('x'),
      () => wrong.audit.createExport({ organizationId: org, ...wide }),
      () => wrong.audit.createSchema({ action: 'a', targets: [] }),
    ]) {
      expect(await failure(call())).toMatchObject({ name: 'UnauthorizedException', status: 401 })
    }
    const invalid = await failure(audit.createEvent(org, { ...event, action: '' }))
    expect(invalid).toMatchObject({ name: 'UnprocessableEntityException', status: 422 })
    expect(invalid.message).toContain('/event/action: ')
    const unnamed = await failure(audit.createEvent('org 1/2', event))
    expect(unnamed.message).toContain('/organization_id: An organization is a tenant here')
    const other = await failure(audit.createEvent('default', event))
    expect(other).toMatchObject({ status: 403, message: expect.stringContaining('default') })
    const large = { ...event, metadata: { text: 'x'.repeat(17 * 1024 * 1024) } }
    expect((await failure(audit.createEvent(org, large))).status).toBe(413)
    const unknown = await failure(audit.getExport('audit_log_export_x'))
    expect(unknown).toMatchObject({ name: 'NotFoundException', status: 404 })
    for (const call of [
      () => client.get('/audit_logs/nowhere'),
      () => client.put('/audit_logs/events', {}),
      () => client.get('/organizations/org_1'),
      () => client.post('/portal/nowhere', {}),
    ]) {
      expect(await failure(call())).toMatchObject({ name: 'NotFoundException', status: 404 })
    }
    expect(await entries()).toEqual([])
  })
})

const raw = {
  event: {
    ...{ action: 'a.b', occurred_at: '2026-03-01T10:00:00.123Z', actor: { type: 'u', id: '1' } },
    ...{ targets: [{ type: 't', id: '1' }], context: { location: 'x' } },
  },
}

describe('on the wire', () => {
  test('every answer is JSON that says something, whatever was asked', async () => {
    const { org, post, key } = await open('11.0.0')
    const authorization = `Bearer ${key}`
    const deep = (start: string) => `${start}${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}}`
    const type = 'x'.repeat(9_000_000)
    const large = JSON.stringify({ targets: [{ type }] })
    const requests: [string, RequestInit, number][] = [
      ['/audit_logs/events', { method: 'POST', body: '{' }, 400],
      ['/audit_logs/events', { method: 'POST' }, 400],
      ['/audit_logs/events', { method: 'POST', body: 'null' }, 422],
      ['/audit_logs/events?%ff', { method: 'POST', body: '{}' }, 400],
      ['/audit_logs/events', { method: 'PATCH', body: '{}' }, 404],
      ['/audit_logs/events', { method: 'DELETE' }, 404],
      ['/audit_logs/exports', { method: 'POST', body: '[]' }, 422],
      ['/audit_logs/exports/audit_log_export_WyJhIl0', {}, 404],
      ['/audit_logs/actions/a/b/nothing', { method: 'POST', body: '{}' }, 404],
      ['/audit_logs/actions/a/schemas', { method: 'POST', body: '{"targets":[{}]}' }, 422],
      [
        '/audit_logs/actions/a/schemas',
        { method: 'POST', body: deep('{"targets":[],"metadata":') },
        422,
      ],
      ['/audit_logs/actions/a/schemas', { method: 'POST', body: large }, 422],
      ['/audit_logs/exports', { method: 'POST', body: deep('{"actions":') }, 422],
      [
        '/audit_logs/events',
        { method: 'POST', body: deep(`{"organization_id":"${org}","event":`) },
        422,
      ],
      ['/audit_logs/actions/none/schemas', {}, 404],
      [`/organizations/${org}/audit_logs_retention`, { method: 'PUT', body: '7' }, 422],
      ['/organizations/o%20x/audit_logs_retention', {}, 422],
      ['/organizations/other/audit_log_configuration', {}, 403],
      ['/audit_logs/export.csv', {}, 401],
      ['/audit_logs/export.csv?token=x', { headers: {} }, 401],
    ]
    for (const [path, init, status] of requests) {
      const answer = await fetch(server.url + path, { headers: { authorization }, ...init })
      expect(answer.status, path).toBe(status)
      expect(answer.headers.get('content-type'), path).toContain('application/json')
      const body = (await answer.json()) as Record<string, unknown> // as describeWorkos makes it
      expect([typeof body.code, typeof body.message, body.error], path).toEqual([
        ...['string', 'string', undefined],
      ])
      expect(Array.isArray(body.errors), path).toBe(status === 400 || status === 422)
    }
    expect((await post('/audit_logs/events', { ...raw, organization_id: org })).json).toEqual({
      success: true,
    })
  })

  test('a fault is named where it is in the body', async () => {
    const { org, post, entries } = await open('7.82.0')
    const cases: [object, string][] = [
      [{ occurred_at: 'yesterday' }, '/event/occurred_at'],
      [{ context: 7 }, '/event/context'],
      [{ context: { location: 7 } }, '/event/context/location'],
      [{ context: { user_agent: 7 } }, '/event/context/user_agent'],
      [{ version: 'one' }, '/event/version'],
      [{ actor: { type: 'u' } }, '/event/actor/id'],
      [{ targets: [{ id: 7 }] }, '/event/targets/0/id'],
      [{ metadata: { a: { constructor: 1 } } }, '/event/metadata/a/constructor'],
    ]
    for (const [members, field] of cases) {
      const body = { event: { ...raw.event, ...members }, organization_id: org }
      const { status, json } = await post('/audit_logs/events', body)
      const fields = json.errors.map((one: { field: string }) => one.field)
      expect([status, ...fields], field).toEqual([422, field])
    }
    expect((await post('/audit_logs/events', {})).json.errors).toHaveLength(2)
    expect(await entries()).toEqual([])
  })

  test('an export or a schema that is sent again under its key is the first one', async () => {
    const { org, post, get } = await open('11.0.0')
    const key = { 'idempotency-key': 'retry-1' }
    const body = { organization_id: org, range_start: '2026-01-01', range_end: '2026-02-01' }
    const [one, two] = [
      await post('/audit_logs/exports', body, key),
      await post('/audit_logs/exports', body, key),
    ]
    expect([two.status, two.json.id]).toEqual([201, one.json.id])
    const path = '/audit_logs/actions/a.b/schemas'
    for (const sent of [key, key, {}, key]) await post(path, { targets: [] }, sent)
    const { json } = await get(path)
    expect(json.data.map((schema: { version: number }) => schema.version)).toEqual([2, 1])
    expect(json).toMatchObject({ object: 'list', list_metadata: { before: null, after: null } })
  })

  test('a link leads to its export and to nothing else', async () => {
    const { audit, org, key } = await open('8.13.0')
    await audit.createEvent(org, event)
    const { url = '' } = await audit.createExport({ organizationId: org, ...wide, actions: ['x'] })
    const [, claims = ''] = (new URL(url).searchParams.get('token') ?? '').split('.')
    const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(exp - iat).toBeLessThanOrEqual(600)
    const ask = async (more: string) => {
      const answer = await fetch(url + more)
      return [answer.status, (await answer.text()).split('\r\n').length - 2]
    }
    expect(await ask('')).toEqual([200, 0])
    expect(await ask('&q=user.signed_in')).toEqual([200, 0])
    expect(await ask('&action=user.signed_in')).toEqual([200, 0])
    expect((await ask('&tenant=default'))[0]).toBe(403)
    const byKey = await fetch(`${server.url}/audit_logs/export.csv?token=${key}`)
    expect(byKey.status).toBe(401)
    const { text } = await server.ask('/v1/events?tenant=_system&action=events.exported')
    expect(text).toContain(org)
    expect(text).not.toContain(claims)
    const { json } = await server.ask('/v1/keys')
    const { id } = json.keys.find((one: { name: string }) => one.name === org)
    await server.ask(`/v1/keys/${id}`, { method: 'DELETE' })
    expect((await ask(''))[0]).toBe(401)
  })

  test('retention is kept for each organization, and is no more than a note', async () => {
    const { org, get, key } = await open('11.0.0')
    const { hostname: apiHostname, port } = new URL(server.url)
    const client = new WorkOS11(key, { apiHostname, port: Number(port), https: false })
    const read = () => client.auditLogs.getOrganizationAuditLogsRetention({ id: org })
    expect((await read()).retentionPeriodInDays).toBeNull()
    const set = { id: org, retentionPeriod: '3_MONTHS' } as const
    await client.auditLogs.updateOrganizationAuditLogsRetention(set)
    expect((await read()).retentionPeriodInDays).toBe(90)
    expect((await get(`/organizations/${org}/audit_log_configuration`)).json).toEqual({
      ...{ organization_id: org, retention_period_in_days: 90, state: 'active' },
    })
    const { text } = await server.ask('/v1/events?tenant=_system&action=retention.changed')
    expect(text).toContain(org)
    const schemas = await client.auditLogs.listSchemas('none').catch((error) => error)
    expect(schemas).toMatchObject({ status: 404 })
    await client.auditLogs.createSchema({ action: 'weird/act%20ion', targets: [] })
    expect((await client.auditLogs.listSchemas('weird/act%20ion')).data).toHaveLength(1)
  })

  test('a schema of a key of all tenants holds in each that has no other', async () => {
    const all = connect('11.0.0', server.url, testRootKey).audit
    const { audit, org } = await open('11.0.0')
    await all.createSchema({ action: 'all.hold', targets: [{ type: 'x' }] })
    const bad = { ...event, action: 'all.hold' }
    expect((await failure(audit.createEvent(org, bad))).status).toBe(422)
    await audit.createSchema({ action: 'all.hold', targets: [] })
    await audit.createEvent(org, bad)
  })

  test('what it sets for all tenants can be seen and removed by an administrator', async () => {
    const all = connect('8.13.0', server.url, testRootKey).audit
    await all.createSchema({ action: 'all.seen', targets: [] })
    const path = '/v1/tenants/*/schemas'
    const { schemas } = (await server.ask(path)).json
    const names = schemas.map((schema: { action: string }) => schema.action)
    expect(names).toContain('all.seen')
    expect((await server.ask(`${path}/all.seen`, { method: 'DELETE' })).status).toBe(204)
    const { key } = await open('8.13.0')
    const headers = { authorization: `Bearer ${key}` }
    expect((await server.ask(path, { headers })).status).toBe(403)
  })

  test('an export of an organization without events has its head alone', async () => {
    const { audit, org } = await open('7.82.0')
    const { url = '' } = await audit.createExport({ organizationId: org, ...wide })
    expect((await (await fetch(url)).text()).split('\r\n')).toHaveLength(2)
    const actions = Array.from({ length: 200 }, (_, n) => `a.very.long.action.of.many.${n}`)
    const error = await failure(audit.createExport({ organizationId: org, ...wide, actions }))
    expect(error.message).toContain('more than a link can hold')
  })

  test('an administrator’s own schema is not replaced', async () => {
    const { audit, org } = await open('7.82.0')
    await server.ask(`/v1/tenants/${org}/schemas/a.b`, {
      ...{ method: 'PUT', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ required: ['data'] }),
    })
    expect((await failure(audit.createSchema({ action: 'a.b', targets: [] }))).status).toBe(409)
  })
})

test('a service killed amidst events has each that it acknowledged, and each once', async () => {
  await killAmidst({
    requests: 40,
    eventsOf: () => 1,
    async send({ url }, n) {
      const { audit } = connect(versions[n % versions.length] ?? '11.0.0', url, testRootKey)
      await audit.createEvent('killed', event, { idempotencyKey: `n${n}` })
      return true
    },
    async count(at, n) {
      return (await at.ask(`/v1/events?tenant=killed&id=n${n}`)).json.entries.length
    },
  })
})
