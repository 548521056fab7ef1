import { gzipSync } from 'node:zlib'
import { startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** Design §2 and §3 from outside: what is sent, what is answered, what is found. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const event = { action: 'doc.read', actor: { id: 'u_1' } }
interface Found {
  readonly tenant: string
  readonly index: number
  readonly received: string
  readonly event: { readonly id: string; readonly action: string; readonly time: string }
}
const idsOf = (entries: readonly Found[]) => entries.map((entry) => entry.event.id)
async function find(search: string): Promise<string[]> {
  const { status, json } = await ask(`/v1/events?${search}`)
  expect(status).toBe(200)
  return idsOf(json.entries)
}

describe('appending', () => {
  test('one event is answered with its head, a batch with heads in order, an empty one with none', async () => {
    const one = await post('/v1/events', { ...event, tenant: 'heads', id: 'a' })
    expect(one.status).toBe(201)
    expect(Object.keys(one.json).sort()).toEqual(['hash', 'id', 'index', 'received', 'tenant'])
    expect(one.json).toMatchObject({ id: 'a', tenant: 'heads', index: 0 })
    expect(one.json.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(one.json.received).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const batch = await post('/v1/events', [
      { ...event, tenant: 'heads', id: 'c' },
      { ...event, tenant: 'other', id: 'b' },
      { ...event, tenant: 'heads' },
    ])
    expect(batch.status).toBe(201)
    expect(batch.json.entries).toMatchObject([
      { id: 'c', tenant: 'heads', index: 1 },
      { id: 'b', tenant: 'other', index: 0 },
      { tenant: 'heads', index: 2 },
    ])
    expect(batch.json.entries[2].id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    const empty = await post('/v1/events', [])
    expect([empty.status, empty.json]).toEqual([201, { entries: [] }])
  })

  test('the same id with the same content is one entry, however it is written', async () => {
    const full = {
      tenant: 'once',
      id: 'a',
      action: 'x.y',
      actor: { id: 'u', name: 'n' },
      data: { a: 1, b: [2] },
    }
    const first = await post('/v1/events', full)
    expect(first.status).toBe(201)
    const repeats = [
      full,
      {
        data: { b: [2], a: 1 },
        actor: { name: 'n', id: 'u' },
        action: 'x.y',
        id: 'a',
        tenant: 'once',
      },
      { ...full, outcome: 'success' },
      { ...full, actor: { type: 'user', id: 'u', name: 'n' } },
    ]
    for (const repeat of repeats) {
      const again = await post('/v1/events', repeat)
      expect(again.status).toBe(200)
      expect(again.json).toEqual({ ...first.json, duplicate: true })
    }
    for (const other of [
      { ...full, data: { a: 1, b: [3] } },
      { ...full, outcome: 'denied' },
    ]) {
      expect((await post('/v1/events', other)).json.code).toBe('idempotency-conflict')
    }
    expect(await find('tenant=once')).toEqual(['a'])
  })

  test('a time that was left out is not compared, one that was given is', async () => {
    const timed = { ...event, tenant: 'timed', id: 'a', time: '2026-01-02T03:04:05.678+01:00' }
    await post('/v1/events', timed)
    expect((await post('/v1/events', { ...timed, time: '2026-01-02T02:04:05.678Z' })).status).toBe(
      200,
    )
    expect((await post('/v1/events', { ...event, tenant: 'timed', id: 'a' })).status).toBe(200)
    const moved = await post('/v1/events', { ...timed, time: '2026-01-02T02:04:05.679Z' })
    expect(moved.json.code).toBe('idempotency-conflict')
    const { json } = await ask('/v1/events/a?tenant=timed')
    expect(json.event.time).toBe('2026-01-02T02:04:05.678Z')
  })

  test('a batch of repeats alone is answered 200, one new among them 201, also within one batch', async () => {
    const of = (id: string) => ({ ...event, tenant: 'twice', id })
    const both = await post('/v1/events', [of('a'), of('a')])
    expect(both.status).toBe(201)
    expect(both.json.entries).toMatchObject([{ index: 0 }, { index: 0, duplicate: true }])
    expect(both.json.entries[0].duplicate).toBeUndefined()
    expect((await post('/v1/events', [of('a'), of('a')])).status).toBe(200)
    const mixed = await post('/v1/events', [of('a'), of('b')])
    expect(mixed.status).toBe(201)
    expect(mixed.json.entries).toMatchObject([{ index: 0, duplicate: true }, { index: 1 }])
  })

  test('the same id in two tenants is two entries', async () => {
    const heads = await post('/v1/events', [
      { ...event, tenant: 'left', id: 'same' },
      { ...event, tenant: 'right', id: 'same', action: 'doc.write' },
    ])
    expect(heads.json.entries).toMatchObject([{ index: 0 }, { index: 0 }])
  })

  test('twenty requests at once with one id are one entry and one answer', async () => {
    const repeat = { ...event, tenant: 'race', id: 'r' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/v1/events', repeat)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(answers.map(({ json }) => json.hash)).size).toBe(1)
    expect((await ask('/v1/logs/race')).json.size).toBe(1)
  })

  test('NDJSON and gzip are taken in any combination, whatever the spelling of their names', async () => {
    const of = (id: string) => JSON.stringify({ ...event, tenant: 'forms', id })
    const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
      ask('/v1/events', { method: 'POST', body, headers })
    const lines = `\r\n${of('a')}\r\n\n${of('b')}`
    const ndjson = await send(lines, { 'content-type': 'application/x-ndjson' })
    expect(ndjson.json.entries).toMatchObject([{ id: 'a' }, { id: 'b' }])
    const zipped = new Uint8Array(gzipSync(lines))
    const again = await send(zipped, {
      'content-type': 'Application/X-NDJSON; charset=UTF-8',
      'content-encoding': 'GZIP',
    })
    expect(again.status).toBe(200)
    const single = await send(new Uint8Array(gzipSync(of('c'))), {
      'content-type': 'application/json;charset="utf-8"',
      'content-encoding': 'gzip',
    })
    expect(single.json).toMatchObject({ id: 'c', index: 2 })
    const none = await send('', { 'content-type': 'application/x-ndjson' })
    expect([none.status, none.json]).toEqual([201, { entries: [] }])
  })

  test('the entry holds what was sent, with defaults filled and the ledger’s word beside it', async () => {
    const sent = {
      ...{ tenant: 'whole', id: 'e', action: 'invoice.paid', source: 'billing', outcome: 'denied' },
      actor: { id: 'u_1', behalf: [{ id: 'u_2' }], via: { type: 'key', id: 'k' }, team: 'x' },
      targets: [{ id: 't', size: 3 }],
      context: { ip: '10.0.0.1', agent: 'curl', extra: true },
      changes: { before: null, after: { paid: true } },
      data: { plan: 'pro', n: 9007199254740991, tiny: 1.5e-7, ключ: '\u{1f600}' },
    }
    const head = (await post('/v1/events', sent)).json
    const { json } = await ask('/v1/events/e?tenant=whole')
    const { time, ...kept } = json.event
    expect(kept).toEqual({ ...sent, actor: { type: 'user', ...sent.actor } })
    expect(time).toMatch(/Z$/)
    expect(json).toMatchObject({ tenant: 'whole', index: 0, type: 'event', hash: head.hash })
  })

  test('what lies at a limit is taken: 64 targets, 32 levels, 128 characters of id, 256 KiB', async () => {
    const nested = `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`
    const deep = `{"action":"a","actor":{"id":"u"},"data":{"x":${nested.slice(5, -1)}}}`
    const headers = { 'content-type': 'application/json' }
    expect((await ask('/v1/events', { method: 'POST', body: deep, headers })).status).toBe(201)
    const targets = Array.from({ length: 64 }, (_, at) => ({ type: 't', id: `${at}` }))
    const ahead = new Date(Date.now() + 4 * 60_000).toISOString()
    const wide = { ...event, id: 'i'.repeat(128), action: 'a'.repeat(200), targets, time: ahead }
    expect((await post('/v1/events', wide)).status).toBe(201)
    expect((await post('/v1/events', { ...event, data: { x: 'x'.repeat(261_000) } })).status).toBe(
      201,
    )
  })
})

describe('the tenant', () => {
  const keyFor = async (tenants: string[]) => {
    const key = await post('/v1/keys', { name: 'k', scopes: ['append', 'read'], tenants })
    return { authorization: `Bearer ${key.json.key}` }
  }

  test('left out, it is the caller’s only one, or default where that is granted', async () => {
    const only = await keyFor(['only'])
    expect((await post('/v1/events', event, only)).json.tenant).toBe('only')
    const found = await ask('/v1/events', { headers: only })
    expect(found.json.entries).toMatchObject([{ tenant: 'only' }])
    for (const tenants of [['default', 'only'], ['*']]) {
      expect((await post('/v1/events', event, await keyFor(tenants))).json.tenant).toBe('default')
    }
  })

  test('* spans every granted one but _system, which must be named and granted', async () => {
    const two = await keyFor(['only', 'heads'])
    const tenantsOf = async (search: string, headers: Record<string, string>) =>
      new Set(
        (await ask(`/v1/events?limit=1000&${search}`, { headers })).json.entries.map(
          ({ tenant }: Found) => tenant,
        ),
      )
    expect(await tenantsOf('tenant=*', two)).toEqual(new Set(['only', 'heads']))
    expect((await tenantsOf('tenant=*', {})).has('_system')).toBe(false)
    expect(await tenantsOf('tenant=_system', {})).toEqual(new Set(['_system']))
    const star = await keyFor(['*'])
    const system = await ask('/v1/events?tenant=_system', { headers: star })
    expect(system.json.code).toBe('scope-insufficient')
    const auditor = await keyFor(['_system'])
    expect(await tenantsOf('', auditor)).toEqual(new Set(['_system']))
  })
})

describe('searching', () => {
  const times = ['2026-03-01T00:00:00.000Z', '2026-03-01T12:00:00.000Z', '2026-03-02T00:00:00.000Z']
  const events = [
    { id: 's0', action: 'customer.created', data: { plan: 'pro', note: 'two words here' } },
    { id: 's1', action: 'customer.deleted', data: { plan: 'free,basic' }, outcome: 'failure' },
    { id: 's2', action: 'invoice.paid', data: { plan: 'pro', amount: 12.5, open: false } },
  ].map((rest, at) => ({
    actor: { id: `u_${at % 2}`, name: 'Zoë' },
    tenant: 's',
    time: times[at],
    ...rest,
  }))

  test('what was acknowledged is found by the very next search', async () => {
    expect((await post('/v1/events', events)).status).toBe(201)
    expect(await find('tenant=s')).toEqual(['s2', 's1', 's0'])
    for (let at = 0; at < 20; at++) {
      await post('/v1/events', { ...event, tenant: 'fresh', id: `f${at}` })
      expect((await find('tenant=fresh&limit=1'))[0]).toBe(`f${at}`)
    }
  })

  test.each([
    ['order=asc', 's0 s1 s2'],
    ['order=desc', 's2 s1 s0'],
    ['since=2026-03-01T12:00:00Z', 's2 s1'],
    ['until=2026-03-01T12:00:00Z', 's0'],
    ['since=2026-03-01&until=2026-03-02', 's1 s0'],
    ['action=customer.*', 's1 s0'],
    ['action=customer.created&action=invoice.paid', 's2 s0'],
    ['action=customer.*&outcome=failure', 's1'],
    ['actor.id=u_0', 's2 s0'],
    ['actor=u_1', 's1'],
    ['data.plan=pro', 's2 s0'],
    ['data.plan=free,basic', 's1'],
    ['data.plan=free', ''],
    ['data.amount=12.5', 's2'],
    ['data.open=false', 's2'],
    ['id=s1', 's1'],
    ['q=action:customer.*', 's1 s0'],
    ['q=data.plan:pro,x', 's2 s0'],
    ['q=-outcome:success', 's1'],
    ['q=-action:customer.* actor:u_0', 's2'],
    ['q="two words"', 's0'],
    ['q="words two"', ''],
    ['q=words TWO', 's0'],
    ['q=zoë', 's2 s1 s0'],
    ['q=wor', ''],
    ['q=wor*', 's0'],
    ['q=data.plan:"free,basic"', 's1'],
    ['q=since:2026-03-01T12:00:00Z until:2026-03-02', 's1'],
    ['q=until:now-1s', 's2 s1 s0'],
  ])('%s finds %s', async (search, ids) => {
    const [name = '', ...value] = search.split('=')
    const encoded = name === 'q' ? `q=${encodeURIComponent(value.join('='))}` : search
    expect((await find(`tenant=s&${encoded}`)).join(' ')).toBe(ids)
  })

  test('pages follow each other by cursor and by Link, without gap or repeat while the log grows', async () => {
    const many = Array.from({ length: 25 }, (_, at) => ({
      ...event,
      tenant: 'pages',
      id: `p${at}`,
    }))
    await post('/v1/events', many)
    for (const order of ['asc', 'desc']) {
      const seen: string[] = []
      let path: string | undefined = `/v1/events?tenant=pages&limit=7&order=${order}&actor.id=u_1`
      while (path !== undefined) {
        const { json, headers } = await ask(path)
        seen.push(...idsOf(json.entries))
        const link = headers.get('link') ?? ''
        expect(link === '').toBe(json.next === null)
        if (link !== '') expect(link).toContain(encodeURIComponent(json.next))
        path = /^<([^>]+)>; rel="next"$/.exec(link)?.[1]
        if (order === 'desc') await post('/v1/events', { ...event, tenant: 'pages' })
      }
      const expected = many.map(({ id }) => id)
      expect(seen).toEqual(order === 'asc' ? expected : expected.reverse())
    }
  })

  test('all tenants come in the order of received, then of tenant, page by page', async () => {
    for (let at = 0; at < 10; at++) {
      await post('/v1/events', [
        { ...event, tenant: 'm2', action: 'mixed.x' },
        { ...event, tenant: 'm1', action: 'mixed.x' },
      ])
    }
    const seen: Found[] = []
    let cursor = ''
    do {
      const page = await ask(`/v1/events?tenant=*&action=mixed.x&order=asc&limit=3${cursor}`)
      seen.push(...page.json.entries)
      cursor = page.json.next === null ? '' : `&cursor=${page.json.next}`
    } while (cursor !== '')
    expect(seen).toHaveLength(20)
    const keyed = seen.map(
      ({ received, tenant, index }) => `${received} ${tenant} ${String(index).padStart(9, '0')}`,
    )
    expect(keyed).toEqual([...keyed].sort())
  })

  test('histogram and values count what a search would find', async () => {
    const histogram = await ask(
      '/v1/histogram?tenant=s&interval=day&by=outcome&since=2026-03-01&until=2026-03-03',
    )
    expect(histogram.json).toMatchObject({
      interval: 'day',
      complete: true,
      buckets: [
        { time: '2026-03-01T00:00:00.000Z', count: 2, values: { success: 1, failure: 1 } },
        { time: '2026-03-02T00:00:00.000Z', count: 1, values: { success: 1 } },
      ],
    })
    const values = await ask('/v1/values?tenant=s&field=data.plan')
    expect(values.json.values).toEqual([
      { value: 'pro', count: 2 },
      { value: 'free,basic', count: 1 },
    ])
    const some = await ask('/v1/values?tenant=s&field=action&prefix=cust&limit=1&outcome=failure')
    expect(some.json.values).toEqual([{ value: 'customer.deleted', count: 1 }])
  })
})

test('a field that is named like a prototype’s member is data as any other', async () => {
  const odd = {
    ...event,
    tenant: 'odd',
    id: 'o',
    data: { toString: 'x', hasOwnProperty: 'y', valueOf: 1 },
  }
  expect((await post('/v1/events', odd)).status).toBe(201)
  expect(await find('tenant=odd&data.toString=x&data.hasOwnProperty=y')).toEqual(['o'])
  const proto = { ...event, tenant: 'odd', data: { kind: '__proto__' } }
  expect((await post('/v1/events', proto)).status).toBe(201)
  const histogram = await ask('/v1/histogram?tenant=odd&by=data.kind')
  expect(histogram.text).toContain('"__proto__":1')
  const values = await ask('/v1/values?tenant=odd&field=data.valueOf')
  expect(values.json.values).toEqual([{ value: '1', count: 1 }])
})

test('health and readiness are open, metrics too, and none of them names a tenant or a key', async () => {
  const open = { headers: { authorization: '' } }
  expect((await ask('/healthz', open)).json).toEqual({ status: 'ok' })
  const ready = await ask('/readyz', open)
  expect(ready.json).toMatchObject({ status: 'ready', store: expect.any(String), stopped: null })
  const metrics = await ask('/metrics', open)
  expect(metrics.headers.get('content-type')).toContain('text/plain')
  for (const name of ['appended_events_total', 'http_request_duration_seconds_count']) {
    expect(metrics.text).toContain(`indelible_${name}`)
  }
  // D-14: labels are patterns of routes, so what is asked does not make new ones.
  expect(metrics.text).toContain('route="/v1/events/:id"')
  expect(metrics.text + ready.text).not.toMatch(new RegExp(`${testRootKey}|pages|odd`))
})
