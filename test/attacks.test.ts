import { createTemporaryFolder, sendRaw, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** What somebody would try who may do a little and wants more, or wants others to have less. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const event = { action: 'a.b', actor: { id: 'u_1' } }
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
const makeKey = async (scopes: string[], tenants: string[]) =>
  (await post('/v1/keys', { name: 'k', scopes, tenants })).json.key

describe('a viewer token with a filter', async () => {
  await post('/v1/events', [
    { ...event, tenant: 'v', id: 'shown', data: { plan: 'seen' } },
    { ...event, tenant: 'v', id: 'hidden', actor: { id: 'u_2' }, data: { plan: 'unseen' } },
    { ...event, tenant: 'w', id: 'elsewhere', data: { plan: 'foreign' } },
  ])
  const { token } = (await post('/v1/tokens', { tenant: 'v', filter: 'actor:u_1', export: true }))
    .json
  const view = bearer(token)

  test.each([
    ...['', 'actor.id=u_2', 'actor.id=u_1&actor.id=u_2', 'q=-actor:u_1', 'q=actor:*', 'tenant=*'],
    ...['q=actor:u_1,u_2', 'order=asc', 'since=2000-01-01', 'q=unseen', 'id=hidden', 'tenant=v'],
  ])('never finds more than its filter lets through: %s', async (search) => {
    for (const path of ['events', 'export']) {
      const { status, text } = await ask(`/v1/${path}?${search}`, view)
      expect(status).toBe(200)
      expect(text).not.toMatch(/hidden|unseen|u_2|foreign|elsewhere/)
    }
  })

  test('is not told of hidden values by counts, completion or facets (T-13)', async () => {
    const values = await ask('/v1/values?field=data.plan', view)
    expect(values.json.values).toEqual([{ value: 'seen', count: 1 }])
    expect((await ask('/v1/values?field=data.plan&prefix=un', view)).json.values).toEqual([])
    const histogram = await ask('/v1/histogram?by=actor.id', view)
    const buckets: { count: number; values: object }[] = histogram.json.buckets
    expect(buckets.filter(({ count }) => count > 0)).toMatchObject([
      { count: 1, values: { u_1: 1 } },
    ])
    expect(histogram.text).not.toContain('u_2')
  })

  test('gets the same answer for a hidden, a foreign and an unknown id, receipts included (T-01)', async () => {
    expect((await ask('/v1/events/shown/receipt', view)).status).toBe(200)
    for (const path of ['', '/receipt']) {
      const answers = await Promise.all(
        ['hidden', 'elsewhere', 'nobody'].map(async (id) => {
          const { status, json } = await ask(`/v1/events/${id}${path}`, view)
          return { ...json, status, detail: json.detail.replace(id, '…') }
        }),
      )
      expect(answers[0]).toMatchObject({ status: 404, code: 'entry-unknown' })
      expect(answers[1]).toEqual(answers[0])
      expect(answers[2]).toEqual(answers[0])
    }
  })

  test('cannot be used for what its maker may do beside reading (T-12)', async () => {
    for (const path of ['/v1/keys', '/v1/users', '/v1/logs/w', '/v1/events?tenant=w']) {
      expect((await ask(path, view)).json.code, path).toBe('scope-insufficient')
    }
    expect((await ask('/v1/tenants', view)).json.tenants).toEqual([{ tenant: 'v', name: null }])
    expect((await ask('/v1/logs', view)).json.logs).toMatchObject([{ tenant: 'v' }])
    const body = { name: 'k', scopes: ['read'], tenants: ['v'] }
    for (const path of ['/v1/keys', '/v1/tokens', '/v1/tenants', '/v1/users']) {
      const answer = await post(path, body, view.headers)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
    }
  })

  test('cannot go on with the cursor of its maker, nor another with its (T-05)', async () => {
    await post('/v1/events', [
      { ...event, tenant: 'v' },
      { ...event, tenant: 'v' },
    ])
    const own = (await ask('/v1/events?tenant=v&limit=1')).json.next
    const its = (await ask('/v1/events?limit=1', view)).json.next
    expect((await ask(`/v1/events?limit=1&cursor=${own}`, view)).json.code).toBe('cursor-invalid')
    expect((await ask(`/v1/events?tenant=v&limit=1&cursor=${its}`)).json.code).toBe(
      'cursor-invalid',
    )
    expect((await ask(`/v1/events?limit=1&cursor=${its}`, view)).status).toBe(200)
  })
})

describe('a page', () => {
  test('comes again by the same cursor as it was, whatever was appended since', async () => {
    await post(
      '/v1/events',
      Array.from({ length: 6 }, () => ({ ...event, tenant: 'again' })),
    )
    const { next } = (await ask('/v1/events?tenant=again&limit=2')).json
    const second = await ask(`/v1/events?tenant=again&limit=2&cursor=${next}`)
    await post(
      '/v1/events',
      Array.from({ length: 6 }, () => ({ ...event, tenant: 'again' })),
    )
    const again = await ask(`/v1/events?tenant=again&limit=2&cursor=${next}`)
    expect(again.json).toEqual(second.json)
  })

  test('of all tenants has none that the caller was not granted', async () => {
    const key = await makeKey(['read'], ['again'])
    const { json } = await ask('/v1/events?tenant=*', bearer(key))
    expect(new Set(json.entries.map(({ tenant }: { tenant: string }) => tenant))).toEqual(
      new Set(['again']),
    )
  })
})

describe('many at once', () => {
  test('on one connection, pipelined, are answered in order (D-06)', async () => {
    const count = 300
    const body = (at: number) => JSON.stringify({ ...event, tenant: 'pipe', id: `p${at}` })
    const head = `POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${testRootKey}\r\nContent-Type: application/json\r\n`
    const requests = Array.from({ length: count }, (_, at) => {
      const last = at === count - 1 ? 'Connection: close\r\n' : ''
      return `${head}${last}Content-Length: ${body(at).length}\r\n\r\n${body(at)}`
    })
    const { body: text } = await sendRaw(server.url, requests.join(''))
    const ids = [...text.matchAll(/"id":"(p\d+)"/g)].map(([, id]) => id)
    expect(ids).toEqual(Array.from({ length: count }, (_, at) => `p${at}`))
    expect((await ask('/v1/logs/pipe')).json.size).toBe(count)
  })

  test('exports that are begun and left hold nothing up (D-08)', async () => {
    const wide = { ...event, tenant: 'wide', data: { x: 'x'.repeat(20_000) } }
    for (let at = 0; at < 3; at++)
      await post(
        '/v1/events',
        Array.from({ length: 100 }, () => wide),
      )
    const controllers = Array.from({ length: 20 }, () => new AbortController())
    const begun = await Promise.all(
      controllers.map(({ signal }) =>
        fetch(`${server.url}/v1/export?tenant=wide`, { ...bearer(testRootKey), signal }),
      ),
    )
    expect(begun.every(({ status }) => status === 200)).toBe(true)
    expect((await post('/v1/events', { ...event, tenant: 'wide' })).status).toBe(201)
    for (const controller of controllers) controller.abort()
    const whole = await ask('/v1/export?tenant=wide')
    expect(whole.text.trimEnd().split('\n')).toHaveLength(301)
  })

  test('an export that runs while others append has every entry of its beginning once', async () => {
    const batch = Array.from({ length: 500 }, () => ({ ...event, tenant: 'moving' }))
    for (let at = 0; at < 4; at++) await post('/v1/events', batch)
    for (const order of ['desc', 'asc']) {
      const { size } = (await ask('/v1/logs/moving')).json
      const exporting = ask(`/v1/export?tenant=moving&order=${order}`)
      for (let at = 0; at < 10; at++) await post('/v1/events', { ...event, tenant: 'moving' })
      const lines = (await exporting).text.trimEnd().split('\n')
      const indexes: number[] = lines.map((line) => JSON.parse(line).index)
      expect(new Set(indexes).size).toBe(indexes.length)
      expect(indexes.filter((index) => index < size)).toHaveLength(size)
      expect(indexes).toEqual(indexes.toSorted((a, b) => (order === 'asc' ? a - b : b - a)))
    }
  })
})

test('a stop loses nothing that was acknowledged, and acknowledges nothing that it loses', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  await using first = await startTestServer({ folder })
  const answers = Array.from(
    { length: 200 },
    (_, at) =>
      first
        .post('/v1/events', { ...event, id: `s${at}` })
        .then(({ status }) => status)
        .catch(() => 0), // refused at the door: nothing was promised
  )
  await Promise.race(answers)
  await first.stop()
  const statuses = await Promise.all(answers)
  await using second = await startTestServer({ folder })
  const { json } = await second.ask('/v1/events?limit=1000')
  const kept = new Set(json.entries.map((entry: { event: { id: string } }) => entry.event.id))
  const acknowledged = statuses.flatMap((status, at) => (status === 201 ? [`s${at}`] : []))
  expect(acknowledged.length).toBeGreaterThan(0)
  for (const id of acknowledged) expect(kept).toContain(id)
  expect(statuses.every((status) => [0, 201, 503].includes(status))).toBe(true)
})

test('every answer is fenced in, whatever it is, and none is for other origins (C-13, S-06)', async () => {
  const origin = { origin: 'https://evil.example' }
  for (const [path, init] of [
    ['/v1/events', {}],
    ['/v1/events', { method: 'HEAD' }],
    ['/v1/events', { headers: { authorization: '', ...origin } }],
    [
      '/v1/events',
      { method: 'OPTIONS', headers: { ...origin, 'access-control-request-method': 'POST' } },
    ],
    ['/v1/nothing', { headers: origin }],
    ['/v1/export', { headers: origin }],
    ['/v1/export?format=csv', {}],
    ['/healthz', { headers: origin }],
    ['/metrics', {}],
    ['/openapi.json', { headers: origin }],
  ] as const) {
    const { headers } = await ask(path, init)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; base-uri 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull()
  }
})
