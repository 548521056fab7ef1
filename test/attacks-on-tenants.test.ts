import { readdirSync } from 'node:fs'
import { startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** What somebody with a tenant of their own does to see, or to touch, another's. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const makeKey = async (tenants: string[], scopes = ['append', 'read', 'export', 'admin']) => {
  const { json } = await post('/v1/keys', { name: 'k', scopes, tenants })
  return { id: json.id as string, key: json.key as string } // 201
}
const read = (path: string, key: string) => ask(path, { headers: bearer(key) })

const event = { action: 'doc.read', actor: { id: 'u_1', name: 'Zoë' } }
/** Two tenants who do the same things with the same words; their canaries tell them apart. */
const texts = { ours: 'canary-of-ours', theirs: 'canary-of-theirs' }
for (const [tenant, canary] of Object.entries(texts)) {
  const same = Array.from({ length: 5 }, (_, n) => ({
    ...{ ...event, tenant, id: `same-${n}`, data: { plan: 'pro', canary } },
  }))
  await post('/v1/events', [...same, { ...event, tenant, id: `only-${tenant}`, data: { canary } }])
}
const ours = await makeKey(['ours'])
const theirs = await makeKey(['theirs'])

describe('an id', () => {
  test('is each tenant’s own: used by both, it is two events, and tells neither of the other (T-16)', async () => {
    const head = await post(
      '/v1/events',
      { ...event, id: 'once', data: { n: 1 } },
      bearer(theirs.key),
    )
    expect([head.status, head.json.tenant]).toEqual([201, 'theirs'])
    const mine = await post(
      '/v1/events',
      { ...event, id: 'once', data: { n: 2 } },
      bearer(ours.key),
    )
    expect([mine.status, mine.json.tenant, mine.json.duplicate]).toEqual([201, 'ours', undefined])
    expect(mine.json.hash).not.toBe(head.json.hash)
    // What is refused is said of one's own alone, whatever there is elsewhere.
    const [known, unknown] = await Promise.all(
      ['once', 'never'].map((id) =>
        post('/v1/events', { ...event, tenant: 'theirs', id }, bearer(ours.key)),
      ),
    )
    expect([known?.status, known?.text]).toEqual([403, unknown?.text])
  })

  test('of another tenant is answered as one that is nobody’s (T-01)', async () => {
    for (const path of ['', '/receipt', '/receipt?parts=data']) {
      const [foreign, none] = await Promise.all(
        ['only-theirs', 'only-nobodys'].map((id) => read(`/v1/events/${id}${path}`, ours.key)),
      )
      expect(foreign?.status).toBe(404)
      expect(foreign?.text.replaceAll('theirs', 'nobodys')).toBe(none?.text)
      const headers = [foreign, none].map((answer) =>
        [...(answer?.headers ?? [])].map(([name]) => name),
      )
      expect(headers[0]).toEqual(headers[1])
    }
  })
})

describe('a search', () => {
  const searches = [
    ...['', 'q=canary*', 'q=zoë', 'q="canary of theirs"', 'data.plan=pro', 'actor.id=u_1'],
    ...['action=doc.*', 'id=same-1', 'id=only-theirs', 'q=-data.plan:free'],
    ...['data.canary=canary-of-theirs', 'tenant=ours', 'tenant=*'],
  ]
  test.each(searches)(
    'for what two tenants both have finds one’s own alone: %s (T-14)',
    async (search) => {
      const encoded = search.replace(/(?<=^q=).*/, encodeURIComponent)
      for (const path of [
        'events',
        'export',
        'export?format=csv',
        'histogram?by=data.canary',
        'values?field=data.canary',
      ]) {
        const answer = await read(
          `/v1/${path}${path.includes('?') ? '&' : '?'}${encoded}`,
          ours.key,
        )
        expect([path, answer.status]).toEqual([path, 200])
        expect(answer.text.replace(encoded, '')).not.toMatch(/canary-of-theirs|"theirs"|,theirs,/)
      }
    },
  )

  test('finds what it should, or the tests above would show nothing (T-14)', async () => {
    const found = await Promise.all(
      [ours, theirs].map(({ key }) => read('/v1/events?data.plan=pro&q=zo%C3%AB', key)),
    )
    expect(found.map(({ json }) => json.entries.length)).toEqual([5, 5])
  })

  test.each([
    ...[
      "tenant=ours'%20OR%20'1'='1",
      'tenant=ours%20OR%20tenant=theirs',
      'tenant=ours--',
      'tenant=ours/*',
    ],
    ...[
      'tenant=ours,theirs',
      'tenant=ours%7Ctheirs',
      'tenant=%28ours%29',
      'tenant=*%20',
      'tenant=**',
    ],
    ...['tenant[]=theirs', 'tenant[$ne]=ours', 'tenant=%22theirs%22', 'Tenant=theirs'],
    ...[
      'tenant=ours&tenant=theirs',
      'tenant=theirs%00',
      'tenant=ours%0Atenant:theirs',
      'TENANT=theirs',
    ],
    ...['q=(tenant:theirs)', 'q={"tenant":"theirs"}', 'q=tenant:*theirs'],
  ])('whose filter is dressed up finds nothing foreign: %s (T-04)', async (search) => {
    for (const path of ['events', 'export', 'histogram', 'values?field=data.canary', 'stream']) {
      const { status, text, json } = await read(
        `/v1/${path}${path.includes('?') ? '&' : '?'}${search}`,
        ours.key,
      )
      expect([path, status, json?.code]).toEqual([
        path,
        expect.toBeOneOf([400, 403]),
        expect.any(String),
      ])
      expect(text).not.toContain('canary-of-theirs')
    }
  })

  test('that names the tenant as a field looks in one’s own log alone (T-04)', async () => {
    for (const search of [
      'tenant.0=theirs',
      'q=tenant:theirs%20OR%20tenant:ours',
      'q=tenant:theirs',
      'q=tenant:ours,theirs',
      'q=-tenant:ours',
      'q=tenant:*',
    ]) {
      const { status, text } = await read(`/v1/events?${search}`, ours.key)
      expect([search, status]).toEqual([search, expect.toBeOneOf([200, 400])])
      expect(text).not.toContain('canary-of-theirs')
    }
  })
})

describe('a tenant', () => {
  const headers = {
    'x-tenant': 'theirs',
    'x-tenant-id': 'theirs',
    'x-forwarded-host': 'theirs.example',
  }

  test('is never told by a header, or by a body beside the event (T-02)', async () => {
    const { json } = await ask('/v1/events', { headers: { ...bearer(ours.key), ...headers } })
    expect(new Set(json.entries.map(({ tenant }: { tenant: string }) => tenant))).toEqual(
      new Set(['ours']),
    )
    const kept = await post(
      '/v1/events',
      { ...event, id: 'by-header' },
      { ...bearer(ours.key), ...headers },
    )
    expect(kept.json.tenant).toBe('ours')
    for (const body of [
      { tenant: 'theirs', event },
      { ...event, tenant: ['theirs'] },
      { ...event, tenant: { $ne: 'ours' } },
      { ...event, Tenant: 'theirs' },
      [{ ...event }, { ...event, tenant: 'theirs' }],
    ]) {
      const refused = await post('/v1/events', body, bearer(ours.key))
      expect([body, refused.status]).toEqual([body, expect.toBeOneOf([403, 422])])
    }
    const twice = await ask('/v1/events', {
      method: 'POST',
      headers: { ...bearer(ours.key), 'content-type': 'application/json' },
      body: `{"tenant":"ours","tenant":"theirs",${JSON.stringify(event).slice(1)}`,
    })
    expect(twice.json.code).toBe('json-malformed')
  })

  test('is its exact name: another case, form or width of it is another, or none (T-19)', async () => {
    const wide = await makeKey(['*'])
    for (const name of [
      'Ours',
      'OURS',
      'our.s',
      'ours-',
      'ours_',
      'ourѕ',
      'ｏｕｒｓ',
      'ours ',
      ' ours',
      'ours\u200b',
      'ou\u0072s\u0301',
      '%6furs',
    ]) {
      const encoded = encodeURIComponent(name)
      const foreign = await read(`/v1/events?tenant=${encoded}`, ours.key)
      expect([name, foreign.status]).toEqual([name, expect.toBeOneOf([400, 403])])
      const found = await read(`/v1/events?tenant=${encoded}`, wide.key)
      expect([name, found.text]).toEqual([name, expect.not.stringContaining('canary')])
      const made = await post('/v1/tenants', { tenant: name }, bearer(ours.key))
      expect([name, made.status]).toEqual([name, expect.toBeOneOf([403, 422])])
    }
  })

  test('that no store can hold is the name of no log', async () => {
    for (const path of ['', '/checkpoint', '/tile/0/000', '/proofs/inclusion?index=0&size=1']) {
      const answer = await ask(`/v1/logs/%00${path}`)
      expect([path, answer.status, answer.json.code]).toEqual([path, 404, 'log-unknown'])
    }
  })

  test('that is written as a path is no tenant, and no file is made of one (T-21)', async () => {
    const before = readdirSync(server.folder, { recursive: true }).sort()
    for (const name of [
      '../theirs',
      '..',
      '.',
      '/etc/passwd',
      'ours/../theirs',
      '..\\theirs',
      'file:theirs',
      '%2e%2e%2ftheirs',
      '-rf',
      'CON',
    ]) {
      const kept = await post('/v1/events', { ...event, tenant: name })
      const made = await post('/v1/tenants', { tenant: name })
      // The one that is a name like any other, elsewhere the name of a device.
      const statuses = name === 'CON' ? [201, 409] : [422, 422]
      expect([name, kept.status, made.status]).toEqual([name, ...statuses])
      for (const path of [`/v1/logs/${encodeURIComponent(name)}`, `/v1/logs/${name}/checkpoint`]) {
        expect((await ask(path)).text).not.toContain('canary')
      }
    }
    expect(readdirSync(server.folder, { recursive: true }).sort()).toEqual(before)
  })
})

describe('whoever administers one tenant', () => {
  test('is told the same of another’s keys and users as of none (T-10)', async () => {
    const user = { role: 'auditor', tenants: ['theirs'], password: 'a password of the tests' }
    await post('/v1/users', { ...user, username: 'their-user' })
    const json = { 'content-type': 'application/json' }
    const asked = async (method: string, path: string, body?: string) => {
      const init = body === undefined ? {} : { body }
      const { status, text } = await ask(path, {
        method,
        ...init,
        headers: { ...bearer(ours.key), ...(body === undefined ? {} : json) },
      })
      return [status, text]
    }
    for (const body of [
      '{"disabled":true}',
      '{"role":"writer"}',
      '{"password":"another password"}',
      '{}',
    ]) {
      const foreign = await asked('PATCH', '/v1/users/their-user', body)
      expect(foreign).toEqual(await asked('PATCH', '/v1/users/nobodys-user', body))
      expect(foreign[0]).toBe(404)
    }
    for (const [method, path] of [
      ['GET', 'users'],
      ['DELETE', 'users'],
      ['DELETE', 'keys'],
    ] as const) {
      const [foreign, none] =
        path === 'keys' ? [theirs.id, 'abcdefghijkl'] : ['their-user', 'nobodys-user']
      const answer = await asked(method, `/v1/${path}/${foreign}`)
      expect([method, path, ...answer]).toEqual([method, path, 404, answer[1]])
      expect(answer).toEqual(await asked(method, `/v1/${path}/${none}`))
    }
    for (const path of ['/v1/users', '/v1/keys']) {
      expect((await read(path, ours.key)).text).not.toMatch(new RegExp(`their|${theirs.id}`))
    }
    expect((await read('/v1/events', theirs.key)).status).toBe(200)
  })

  test('is refused in words that name nothing but what they named themselves (T-18)', async () => {
    await ask('/v1/tenants/theirs/schemas/doc.read', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"canary-of-theirs"}',
    })
    const body = { ...event, tenant: 'X' }
    const questions: [string, object?][] = [
      ...['/v1/events?tenant=X', '/v1/logs/X', '/v1/logs/X/checkpoint', '/v1/stream?tenant=X'].map(
        (path): [string] => [path],
      ),
      ...[
        '/v1/logs/X/tile/0/000.p/1',
        '/v1/logs/X/proofs/inclusion?index=0',
        '/v1/export?tenant=X',
      ].map((path): [string] => [path]),
      ...['/v1/tenants/X/schemas', '/v1/tenants/X/schemas/doc.read'].map((path): [string] => [
        path,
      ]),
      ['/v1/events', body],
      ['/v1/events', [event, body]],
      ['/v1/tenants', { tenant: 'X', name: 'n' }],
      ['/v1/tokens', { tenant: 'X' }],
      ['/v1/keys', { name: 'k', scopes: ['read'], tenants: ['X'] }],
      ['/v1/tenants/X/schemas/doc.read/check', { event }],
    ]
    for (const [path, sent] of questions) {
      const [known, unknown] = await Promise.all(
        ['theirs', 'nobody'].map(async (name) => {
          const named = path.replace('X', name)
          const answer =
            sent === undefined
              ? await read(named, ours.key)
              : await post(
                  named,
                  JSON.parse(JSON.stringify(sent).replaceAll('"X"', `"${name}"`)),
                  bearer(ours.key),
                )
          return [answer.status, answer.text.replaceAll(name, '…')]
        }),
      )
      expect([path, known]).toEqual([path, unknown])
      expect(known?.[0]).toBe(403)
    }
  })
})

describe('an export', () => {
  const range = { range_start: '2020-01-01T00:00:00Z', range_end: '2030-01-01T00:00:00Z' }

  test('is no other tenant’s by its id, and its link is no more than was asked for (T-07)', async () => {
    const asked = { ...range, organization_id: 'theirs' }
    const made = await post('/audit_logs/exports', asked, bearer(theirs.key))
    expect(made.status).toBe(201)
    const { id, url } = made.json
    expect((await read(`/audit_logs/exports/${id}`, theirs.key)).status).toBe(200)
    expect((await read(`/audit_logs/exports/${id}`, ours.key)).status).toBe(403)
    expect((await post('/audit_logs/exports', asked, bearer(ours.key))).status).toBe(403)
    const link = new URL(url)
    const path = `${link.pathname}${link.search}`
    const open = { headers: { authorization: '' } }
    expect((await ask(path, open)).text).toContain('canary-of-theirs')
    for (const more of ['&tenant=ours', '&tenant=*', '&tenant=theirs&tenant=ours']) {
      expect((await ask(`${path}${more}`, open)).text).not.toContain('canary-of-ours')
    }
    expect((await read(path, ours.key)).status).toBe(401)
    // A key, a session or another kind of token is none in an address.
    for (const secret of [ours.key, theirs.key]) {
      expect((await ask(`${link.pathname}?token=${secret}`, open)).status).toBe(401)
    }
  })

  test('whose id is a search searches for whoever shows it (T-07)', async () => {
    const search = { exportBody: { searchQuery: '', name: 'n' } }
    const base = '/auditlog/viewer/v1/project/p'
    const { id } = (await post(`${base}/export`, search, bearer(theirs.key))).json
    const rendered = await read(`${base}/export/${id}/rendered`, ours.key)
    expect(rendered.status).toBe(200)
    expect(rendered.text).not.toContain('canary-of-theirs')
  })

  test('breaks off when whoever began it is removed, or its key revoked (T-08)', async () => {
    const large = Array.from({ length: 140 }, () => ({
      ...event,
      tenant: 'large',
      data: { x: 'x'.repeat(100_000) },
    }))
    expect((await post('/v1/events', large)).status).toBe(201)
    const password = 'a password of the tests'
    await post('/v1/users', { username: 'reader', role: 'auditor', tenants: ['large'], password })
    const { token } = (await post('/v1/login', { username: 'reader', password })).json
    const key = await makeKey(['large'])
    const viewer = (await post('/v1/tokens', { export: true }, bearer(key.key))).json.token
    const begun = await Promise.all([token, key.key, viewer].map((one) => beginExport(one)))
    await ask('/v1/users/reader', { method: 'DELETE' })
    await ask(`/v1/keys/${key.id}`, { method: 'DELETE' })
    for (const { readOn } of begun) await expect(readOn()).rejects.toThrow('terminated')
    const whole = await ask('/v1/export?tenant=large')
    expect(whole.text.trimEnd().split('\n')).toHaveLength(140)
  })
})

/** Reads the beginning of an export, which is too long for what lies between to hold it. */
async function beginExport(key: string) {
  const response = await fetch(`${server.url}/v1/export`, { headers: bearer(key) })
  const reader = response.body?.getReader()
  expect([response.status, (await reader?.read())?.done]).toEqual([200, false])
  return {
    readOn: async () => {
      while ((await reader?.read())?.done === false);
    },
  }
}
