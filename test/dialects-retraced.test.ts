import { startTestServer, testRootKey } from '@indelible/testkit'
import { Client, type Event, type EventNodeMask } from '@retracedhq/retraced'
import { afterAll, describe, expect, test } from 'vitest'
import { openDroppingFront } from './dialects/dropping-front.ts'
import { killAmidst } from './dialects/kill-amidst.ts'

/** `@retracedhq/retraced` as it is in the registry, its `endpoint` changed. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const allScopes = ['append', 'read', 'export']
const mask: EventNodeMask = {
  ...{ id: true, action: true, description: true, group: { id: true, name: true }, crud: true },
  ...{ actor: { id: true, name: true, href: true, fields: true }, received: true, created: true },
  ...{ target: { id: true, name: true, href: true, type: true, fields: true }, fields: true },
  ...{ display: { markdown: true }, canonical_time: true, is_failure: true, is_anonymous: true },
  ...{ component: true, version: true, external_id: true, metadata: true },
}
const event: Event = {
  ...{ action: 'user.updated', crud: 'u', actor: { id: 'u_1', name: 'Alice' } },
  ...{ group: { id: 'acme', name: 'ACME' } },
}

/** A client with a key of a tenant of its own, so that tests don't meet. */
async function openClient(tenant: string, scopes = allScopes) {
  const { json } = await server.post('/v1/keys', { name: tenant, scopes, tenants: [tenant] })
  const config = { apiKey: json.key as string, projectId: 'project', version: '1.2.3' }
  const publisher = '/auditlog/publisher/v1/project/project'
  const headers = { authorization: `token=${json.key}` }
  return {
    ...{ config, headers, client: new Client({ ...config, endpoint: `${server.url}/auditlog` }) },
    report: (body: unknown, path = '/event', more = {}) =>
      server.post(`${publisher}${path}`, body, { ...headers, ...more }),
    search: (query: string, more = {}) =>
      server.post(
        `${publisher}/graphql`,
        {
          query: '{ search(query: $q) { totalCount edges { node { id action } } } }',
          variables: { q: query },
          ...more,
        },
        headers,
      ),
    entries: async () => (await server.ask(`/v1/events?tenant=${tenant}&order=asc`)).json.entries,
  }
}

describe('the unmodified client', () => {
  test('reports one event and many, checks the hash of each, and reads them back', async () => {
    const { client, entries } = await openClient('reports')
    const whole: Event = {
      ...event,
      actor: { id: 'u:1', name: 'Alice', href: 'https://app/u/1', fields: { role: 'admin' } },
      target: {
        id: 't%1',
        name: 'Plan',
        href: 'https://app/t/1',
        type: 'plan',
        fields: { a: '1' },
      },
      ...{ source_ip: '203.0.113.7', description: 'Changed a plan', is_failure: true },
      ...{ fields: { 'k:1': 'v;=' }, external_id: 'x1', metadata: { m: '%' } },
      created: new Date('2026-11-01T10:00:00.123Z'),
    }
    const id = await client.reportEvent(whole)
    const ids = await client.reportEvents([
      { ...event, action: 'user.created', crud: 'c' },
      { action: 'page.read', crud: 'r', is_anonymous: true, fields: {}, metadata: {} },
      { action: 'user.signed-up', actor: { id: 'u_2' }, group: { id: 'acme' } },
    ])
    expect(await client.reportEvents([])).toEqual([])
    expect((await entries()).map((one: { event: { id: string } }) => one.event.id)).toEqual([
      ...[id, ...ids],
    ])
    const found = await client.query({}, mask, 10)
    expect(found.totalCount).toBe(4)
    expect(found.currentResults.map((node) => node.id)).toEqual([...ids.toReversed(), id])
    const { received, ...node } = found.currentResults[3] ?? {}
    expect(received?.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(node).toEqual({
      ...{ ...whole, id, is_anonymous: false, component: null, version: '1.2.3' },
      ...{ canonical_time: whole.created, country: undefined, source_ip: undefined },
      metadata: [{ key: 'm', value: '%' }],
      display: {
        markdown: '**Alice** user\\.updated **Plan** — Changed a plan',
      },
    })
    expect(found.currentResults[1]).toMatchObject({ actor: null, is_anonymous: true, crud: 'r' })
    expect(found.currentResults[0]).toMatchObject({ crud: null, target: null })
  })

  test('works with the bare address as its endpoint', async () => {
    const { config } = await openClient('bare')
    const client = new Client({ ...config, endpoint: server.url })
    await client.reportEvent(event)
    expect((await client.query({ action: 'user.*' }, mask, 5)).totalCount).toBe(1)
  })

  test('pages through everything once, and its last page says so', async () => {
    const { client } = await openClient('pages')
    const events = Array.from({ length: 7 }, (_, n) => ({ ...event, fields: { n: `${n}` } }))
    await client.reportEvents(events)
    const connection = await client.query({ crud: 'c,u,d', actor_id: 'u_1' }, mask, 3)
    expect([connection.totalCount, connection.totalPages()]).toEqual([7, 3])
    const seen = [...connection.currentResults]
    while (connection.hasNextPage()) {
      await connection.nextPage()
      seen.push(...connection.currentResults)
    }
    expect(seen.map((node) => node.fields?.n)).toEqual(['6', '5', '4', '3', '2', '1', '0'])
    await client.query({}, {}, 3)
  })

  test('finds by every part of its structured query', async () => {
    const { client } = await openClient('queries')
    const start = new Date()
    await client.reportEvent({
      ...event,
      created: new Date('2020-01-01'),
      description: 'An old plan',
    })
    const between = (await client.query({}, { received: true }, 1)).currentResults[0]?.received
    await expect.poll(() => Date.now()).toBeGreaterThan(between?.getTime() ?? 0)
    await client.reportEvent({ ...event, action: 'invoice.paid', crud: 'c', actor: { id: 'u_2' } })
    const actions = async (query: Parameters<Client['query']>[0]) => {
      const { currentResults, totalCount } = await client.query(query, mask, 10)
      expect(totalCount).toBe(currentResults.length)
      return currentResults.map((node) => node.action)
    }
    const [both, old, recent] = [
      ['invoice.paid', 'user.updated'],
      ['user.updated'],
      ['invoice.paid'],
    ]
    expect(await actions({ received_start: start })).toEqual(both)
    expect(await actions({ received_start: new Date((between?.getTime() ?? 0) + 1) })).toEqual(
      recent,
    )
    expect(await actions({ received_end: new Date((between?.getTime() ?? 0) + 1) })).toEqual(old)
    expect(await actions({ received_end: start })).toEqual([])
    expect(await actions({ created_end: new Date('2021-01-01') })).toEqual(old)
    expect(await actions({ created_start: new Date('2021-01-01') })).toEqual(recent)
    expect(await actions({ action: 'invoice.*' })).toEqual(recent)
    expect(await actions({ action: 'invoice' })).toEqual([])
    expect(await actions({ crud: 'u' })).toEqual(old)
    expect(await actions({ actor_id: 'u_2' })).toEqual(recent)
    expect(await actions({ actor_name: 'Alice' })).toEqual(old)
    expect(await actions({ description: 'old plan' })).toEqual(old)
  })

  test('makes viewer tokens that show one group and nothing else', async () => {
    const { client } = await openClient('groups')
    await client.reportEvent(event)
    await client.reportEvent({ ...event, group: { id: 'other "1"' } })
    await client.reportEvent({ ...event, group: {} as { id: string } })
    const count = async (token: string) =>
      (
        await new Client({ ...{ apiKey: token, projectId: 'p' }, endpoint: server.url }).query(
          {},
          mask,
          9,
        )
      ).totalCount
    expect(await count(await client.getViewerToken('acme', 'u_1', true))).toBe(1)
    expect(await count(await client.getViewerToken('other "1"', 'u_1'))).toBe(1)
    expect((await client.query({}, mask, 9)).totalCount).toBe(3)
    await expect(client.getViewerToken('', 'u_1')).rejects.toThrow('400')
    const token = await client.getViewerToken('acme', 'u_1')
    const viewer = new Client({ apiKey: token, projectId: 'p', endpoint: server.url })
    await expect(viewer.reportEvent(event)).rejects.toThrow('403')
    await expect(viewer.getViewerToken('other', 'u_1')).rejects.toThrow('403')
    const { text } = await server.ask('/v1/events?tenant=_system&action=token.created')
    expect(text).toContain('u_1 (administrator)')
  })
})

describe('a search', () => {
  test('shows what this dialect brought in alone, of the caller’s tenant, and is on record', async () => {
    const mine = await openClient('mine')
    const other = await openClient('others')
    await mine.client.reportEvent(event)
    await server.post('/v1/events', { tenant: 'mine', action: 'user.updated', actor: { id: 'x' } })
    expect((await mine.search('-action:user.updated')).json.data.search.totalCount).toBe(0)
    expect((await mine.search('')).json.data.search.totalCount).toBe(1)
    expect((await other.search('')).json.data.search.totalCount).toBe(0)
    expect((await mine.search('-action:x')).json.data.search.totalCount).toBe(1)
    const { text } = await server.ask('/v1/events?tenant=_system&q=events.searched')
    expect(text).toContain('-action:user.updated')
  })

  test('is total over events that merely say they are Retraced’s', async () => {
    const { search } = await openClient('strange')
    const strange = {
      ...{ tenant: 'strange', action: 'a.b', actor: { id: 'x', href: {}, fields: 'no' } },
      ...{ context: { dialect: 'retraced', group: ['g'] }, data: { fields: [1], crud: {} } },
    }
    await server.post('/v1/events', strange)
    const query =
      '{ search { edges { node { crud actor { href fields { key value } } group { id } fields { key } } } } }'
    const { status, json } = await search('', { query })
    expect(status).toBe(200)
    expect(json.data.search.edges).toHaveLength(1)
  })

  test('whose page would not fit into memory is refused, a smaller one is not', async () => {
    const { client } = await openClient('large')
    const large = { ...event, description: 'x'.repeat(200_000) }
    for (let batch = 0; batch < 2; batch++) {
      await client.reportEvents(Array.from({ length: 25 }, () => large))
    }
    await expect(client.query({}, { id: true }, 50)).rejects.toThrow('400')
    const found = await client.query({}, { id: true }, 10)
    expect([found.totalCount, found.currentResults.length]).toEqual([50, 10])
  })

  test('that is faulty is refused in words, never answered with everything', async () => {
    const { search } = await openClient('faulty')
    for (const query of ['crud:x', '"open', 'received:soon,', '***']) {
      const { status, json } = await search(query)
      expect([status, json.code], query).toEqual([400, 'query-invalid'])
      expect(json.errors[0].message).toMatch(/cannot be understood/)
    }
    const { status, json } = await search('', { query: '{ search { secrets } }' })
    expect([status, json.data]).toEqual([400, undefined])
    const cursor = { query: '{ search(before: "x") { totalCount } }' }
    expect((await search('', cursor)).json.code).toBe('cursor-invalid')
  })
})

describe('what goes wrong', () => {
  test('throws in the client with its status, and nothing is kept', async () => {
    const { client, config, entries } = await openClient('wrong')
    const wrong = new Client({ ...config, apiKey: 'wrong', endpoint: `${server.url}/auditlog` })
    await expect(wrong.reportEvent(event)).rejects.toThrow('401')
    await expect(wrong.query({}, mask, 1)).rejects.toThrow('401')
    await expect(wrong.getViewerToken('g', 'a')).rejects.toThrow('401')
    await expect(client.reportEvent({ action: 'a.b' })).rejects.toThrow('422')
    await expect(client.reportEvents([event, { ...event, action: '' }])).rejects.toThrow('422')
    const large = { ...event, description: 'x'.repeat(17 * 1024 * 1024) }
    await expect(client.reportEvent(large)).rejects.toThrow('413')
    const reader = await openClient('wrong', ['read'])
    await expect(reader.client.reportEvent(event)).rejects.toThrow('403')
    expect(await entries()).toEqual([])
  })

  test('is said with pointers into what was sent', async () => {
    const { report } = await openClient('pointers')
    const cases: [object, string][] = [
      [{ ...event, action: 7 }, '/events/0/action'],
      [{ ...event, crud: 'x' }, '/events/0/crud'],
      [{ ...event, actor: { id: 7 } }, '/events/0/actor/id'],
      [{ ...event, target: { name: 't' } }, '/events/0/target/id'],
      [{ ...event, group: { name: 't' } }, '/events/0/group'],
      [{ ...event, created: 'yesterday' }, '/events/0/created'],
      [{ ...event, source_ip: 7 }, '/events/0/source_ip'],
      [{ ...event, fields: { a: { constructor: 1 } } }, '/events/0/fields'],
    ]
    for (const [body, pointer] of cases) {
      const { status, json } = await report({ events: [body] }, '/event/bulk')
      expect([status, json.code], pointer).toEqual([422, 'event-invalid'])
      expect(json.errors.map((one: { pointer: string }) => one.pointer)).toContain(pointer)
    }
    for (const authorization of ['', 'Basic x', 'token=', 'Token']) {
      const { status, json } = await report(event, '/event', { authorization })
      expect(status, authorization).toBe(401)
      expect(json).toEqual({ error: expect.any(String), code: expect.any(String) })
    }
  })
})

test('reporting again after a dropped connection keeps no second event of an external id', async () => {
  const { config, entries } = await openClient('dropped')
  await using front = await openDroppingFront(server.url)
  const client = new Client({ ...config, endpoint: `${front.url}/auditlog` })
  const named = { ...event, external_id: 'order 7' }
  await expect(client.reportEvent(named)).rejects.toThrow('500 Unknown')
  const id = await client.reportEvent(named)
  expect(await client.reportEvent(named)).toBe(id)
  const other = await client.reportEvent({ ...named, description: 'another' })
  expect(other).not.toBe(id)
  expect(await entries()).toHaveLength(2)
})

test('a service killed in mid-batch keeps each batch whole or not at all, and once', async () => {
  await killAmidst({
    requests: 10,
    eventsOf: () => 50,
    async send({ url }, n) {
      const client = new Client({ apiKey: testRootKey, projectId: 'p', endpoint: url })
      const batch = Array.from({ length: 50 }, (_, at) => ({
        ...{ ...event, group: { id: `batch-${n}` }, external_id: `${n}/${at}` },
      }))
      return (await client.reportEvents(batch)).length === 50
    },
    count: async ({ ask }, n) =>
      (await ask(`/v1/events?context.group.id=batch-${n}&limit=1000`)).json.entries.length,
  })
})
