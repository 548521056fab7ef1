import { startPostgres, startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { startTestApplication } from './testing/start-test-application.ts'

const stack = new AsyncDisposableStack()
const postgres = stack.use(await startPostgres())
const indelible = stack.use(await startTestServer())
const app = stack.use(
  await startTestApplication({ databaseUrl: await postgres.createDatabase(), indelible }),
)
afterAll(() => stack.disposeAsync())

const zoe = { name: 'Zoë', email: 'zoe@example.com' }

describe('a user', () => {
  test('is created, found by its id, and its address named', async () => {
    const created = await app.ask('POST', '/users', { body: zoe })
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ ...zoe, version: 1 })
    const location = created.headers.get('location') ?? ''
    const found = await app.ask('GET', location)
    expect(found.status).toBe(200)
    expect(found.json).toEqual(created.json)
    expect(found.headers.get('etag')).toBe('"1"')
    await app.ask('DELETE', location)
  })

  test('loses the white space around name and e-mail, and keeps its capitals', async () => {
    const body = { name: '  Ada Lovelace\t', email: ' Ada@Example.com ' }
    const { json } = await app.ask('POST', '/users', { body })
    expect(json).toMatchObject({ name: 'Ada Lovelace', email: 'Ada@Example.com' })
  })

  test('is replaced by a PUT, which counts its version on', async () => {
    const id = await app.create('Grace', 'grace@example.com')
    const body = { name: 'Grace Hopper', email: 'grace@navy.example' }
    const updated = await app.ask('PUT', `/users/${id}`, { body })
    expect(updated.status).toBe(200)
    expect(updated.json).toMatchObject({ ...body, id, version: 2 })
    expect((await app.ask('GET', `/users/${id}`)).json).toEqual(updated.json)
  })

  test('is not changed by whoever has not seen its present version', async () => {
    const id = await app.create('Eve', 'eve@example.com')
    const change = (tag: string, name: string) =>
      app.ask('PUT', `/users/${id}`, {
        body: { name, email: 'eve@example.com' },
        headers: { 'if-match': tag },
      })
    expect((await change('"1"', 'Eve Two')).status).toBe(200)
    const late = await change('"1"', 'Eve Three')
    expect(late.status).toBe(412)
    expect(late.json.error.code).toBe('version-outdated')
    expect((await change('W/"2"', 'Eve Three')).status).toBe(412)
    expect((await change('"7", "2"', 'Eve Three')).status).toBe(200)
    expect((await change('*', 'Eve Four')).status).toBe(200)
    const remove = (tag: string) =>
      app.ask('DELETE', `/users/${id}`, { headers: { 'if-match': tag } })
    expect((await remove('"1"')).status).toBe(412)
    expect((await remove('"4"')).status).toBe(204)
  })

  test('is gone for every route once deleted, though its row is kept', async () => {
    const id = await app.create('Tom', 'tom@example.com')
    const removed = await app.ask('DELETE', `/users/${id}`)
    expect([removed.status, removed.text]).toEqual([204, ''])
    const body = { name: 'Tom', email: 'tom@example.com' }
    for (const answer of [
      await app.ask('GET', `/users/${id}`),
      await app.ask('PUT', `/users/${id}`, { body }),
      await app.ask('DELETE', `/users/${id}`),
    ]) {
      expect(answer.status).toBe(404)
      expect(answer.json.error.code).toBe('user-unknown')
    }
    const { json } = await app.ask('GET', '/users?limit=100')
    expect(json.users.map((user: { id: string }) => user.id)).not.toContain(id)
    const { rows } = await app.pool.query('SELECT name FROM user_profiles WHERE id = $1', [id])
    expect(rows).toEqual([{ name: 'Tom' }])
  })
})

describe('an e-mail address', () => {
  test('belongs to one user, however its case', async () => {
    const id = await app.create('Ken', 'ken@example.com')
    const other = await app.create('Dennis', 'dennis@example.com')
    const body = { name: 'Ken', email: 'KEN@Example.com' }
    for (const answer of [
      await app.ask('POST', '/users', { body }),
      await app.ask('PUT', `/users/${other}`, { body }),
    ]) {
      expect(answer.status).toBe(409)
      expect(answer.json.error).toMatchObject({
        code: 'email-taken',
        faults: [{ field: 'email', detail: 'Taken.' }],
      })
    }
    expect((await app.ask('PUT', `/users/${id}`, { body })).status).toBe(200)
  })

  test('is free again once its user is deleted', async () => {
    const id = await app.create('Sam', 'sam@example.com')
    await app.ask('DELETE', `/users/${id}`)
    expect(await app.create('Sam', 'sam@example.com')).not.toBe(id)
  })

  test('is won by one of many who ask for it at once', async () => {
    const body = { name: 'Race', email: 'race@example.com' }
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => app.askPatiently('POST', '/users', { body })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array(29).fill(409)])
  })

  test('can’t be swapped by two users at once, and neither is answered with a fault', async () => {
    const one = await app.create('One', 'one@example.com')
    const two = await app.create('Two', 'two@example.com')
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all([
        app.ask('PUT', `/users/${one}`, { body: { name: 'One', email: 'two@example.com' } }),
        app.ask('PUT', `/users/${two}`, { body: { name: 'Two', email: 'one@example.com' } }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([409, 409])
    }
  })
})

describe('the list', () => {
  test('is read in pages, each user once, whoever is added or deleted meanwhile', async () => {
    await using own = await startTestApplication({
      databaseUrl: await postgres.createDatabase(),
      indelible,
    })
    const ids: string[] = []
    for (let n = 1; n <= 7; n += 1) ids.push(await own.create(`User ${n}`, `u${n}@example.com`))
    const first = (await own.ask('GET', '/users?limit=3')).json
    expect(first.users.map((user: { id: string }) => user.id)).toEqual(ids.slice(0, 3))
    await own.ask('DELETE', `/users/${ids[0]}`)
    await own.ask('DELETE', `/users/${ids[3]}`)
    const second = (await own.ask('GET', `/users?limit=3&cursor=${first.next}`)).json
    expect(second.users.map((user: { id: string }) => user.id)).toEqual(ids.slice(4, 7))
    expect(second.next).toBeNull()
    expect((await own.ask('GET', '/users?limit=5')).json.next).toBeNull()
  })
})

describe('what is not valid is refused with every fault by field', () => {
  const long = (length: number) => 'x'.repeat(length)
  const { name, email } = zoe
  test.each<[string, unknown, string[]]>([
    ['nothing', {}, ['name', 'email']],
    ['null', null, []],
    ['a list', [], []],
    ['a number', 5, []],
    ['no e-mail', { name }, ['email']],
    ['other types', { name: 7, email: ['a@b.de'] }, ['name', 'email']],
    ['an empty name', { name: '', email }, ['name']],
    ['a blank name', { name: ' \t\n ', email }, ['name']],
    ['a name of marks only', { name: '--', email }, ['name']],
    ['a name of 101 characters', { name: long(101), email }, ['name']],
    ['a name with a line break', { name: 'Zoë\nadmin', email }, ['name']],
    ['a name with NUL', { name: 'Zo\u0000', email }, ['name']],
    ['a name with half a character', { name: 'Zo\ud800', email }, ['name']],
    ['an e-mail without @', { name, email: 'zoe.example.com' }, ['email']],
    ['an e-mail without a domain', { name, email: 'zoe@' }, ['email']],
    ['an e-mail of a host', { name, email: 'zoe@localhost' }, ['email']],
    ['an e-mail with a space', { name, email: 'zo e@example.com' }, ['email']],
    ['two e-mails', { name, email: 'a@example.com,b@example.com' }, ['email']],
    ['a long local part', { name, email: `${long(65)}@example.com` }, ['email']],
    ['an e-mail of 255 characters', { name, email: `z@${`${long(50)}.`.repeat(5)}de` }, ['email']],
    ['an unknown field', { name, email, role: 'admin' }, ['role']],
    ['an id', { id: '1', name, email }, ['id']],
    ['a prototype', `{"name":"Zoë","email":"${email}","__proto__":{}}`, ['__proto__']],
    ['all of it', { nam: name, email: 'x' }, ['name', 'nam', 'email']],
  ])('%s', async (_what, body, fields) => {
    for (const [method, path] of [
      ['POST', '/users'],
      ['PUT', '/users/1'],
    ] as const) {
      const { status, json } = await app.ask(method, path, { body })
      expect(status).toBe(400)
      expect(json.error.code).toBe('input-invalid')
      const named = (json.error.faults ?? []).map(({ field }: { field: string }) => field)
      expect(named.toSorted()).toEqual(fields.toSorted())
    }
  })

  test.each(['Zoë Ünïcode', '李小龍', 'O’Neill-Smith 3rd', 'x', long(100), '𝒵'.repeat(100)])(
    'but the name %s is fine',
    async (fine) => {
      const { status, json } = await app.ask('POST', '/users', {
        body: {
          name: fine,
          email: `${Buffer.from(fine).toString('hex').slice(0, 40)}@example.com`,
        },
      })
      expect(status).toBe(201)
      expect(json.name).toBe(fine)
    },
  )

  test.each<[string, string]>([
    ['/users/abc', 'id'],
    ['/users/0', 'id'],
    ['/users/-1', 'id'],
    ['/users/1.5', 'id'],
    ['/users/1234567890123456789012', 'id'],
    ['/users/1%27%20OR%201=1', 'id'],
    ['/users?limit=0', 'limit'],
    ['/users?limit=101', 'limit'],
    ['/users?limit=ten', 'limit'],
    ['/users?limit=1&limit=2', 'limit'],
    ['/users?cursor=nonsense', 'cursor'],
    ['/users?page=2', 'page'],
    ['/audit?user=zoe', 'user'],
    ['/audit?operation=READ', 'operation'],
    ['/audit?since=yesterday', 'since'],
    ['/audit?since=2026-13-01', 'since'],
    ['/audit?until=2026-02-01T25:00:00Z', 'until'],
    ['/audit?limit=1000', 'limit'],
    ['/audit?cursor=nonsense', 'cursor'],
    ['/audit?outcome=all', 'outcome'],
    ['/audit?action=user.created', 'action'],
    ['/audit?tenant=other', 'tenant'],
    ['/audit?user=0&operation=x&limit=x', 'limit operation user'],
  ])('GET %s', async (path, fields) => {
    const { status, json } = await app.ask('GET', path)
    expect(status).toBe(400)
    const named = json.error.faults.map(({ field }: { field: string }) => field)
    expect(named.toSorted().join(' ')).toBe(fields)
  })
})

describe('every error has the one shape, and names the request', () => {
  const json = { 'content-type': 'application/json' }
  test.each<[string, string, string, number, string, RequestInit]>([
    [
      'malformed JSON',
      'POST',
      '/users',
      400,
      'json-malformed',
      { body: '{"name":', headers: json },
    ],
    [
      'a large body',
      'POST',
      '/users',
      413,
      'body-too-large',
      { body: JSON.stringify({ name: 'x'.repeat(20_000) }), headers: json },
    ],
    [
      'another media type',
      'POST',
      '/users',
      415,
      'media-type-unsupported',
      { body: 'name=Zoë', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    [
      'an unknown encoding',
      'POST',
      '/users',
      415,
      'media-type-unsupported',
      { body: '{}', headers: { ...json, 'content-encoding': 'rot13' } },
    ],
    ['no body', 'POST', '/users', 400, 'input-invalid', {}],
    ['an unknown route', 'GET', '/nowhere', 404, 'route-unknown', {}],
    ['an unknown method', 'PATCH', '/users/1', 404, 'route-unknown', {}],
    ['a broken path', 'GET', '/users/%E0%A4%A', 400, 'request-invalid', {}],
    ['an unknown user', 'GET', '/users/999999', 404, 'user-unknown', {}],
    [
      'a stranger at the trail',
      'GET',
      '/audit',
      401,
      'credentials-missing',
      { headers: { authorization: '' } },
    ],
    ['a stranger', 'GET', '/users', 401, 'credentials-missing', { headers: { authorization: '' } }],
    [
      'a wrong key',
      'GET',
      '/users',
      401,
      'credentials-invalid',
      { headers: { authorization: 'Bearer nobody-has-this-key' } },
    ],
  ])('%s', async (_what, method, path, status, code, { body, headers }) => {
    const given = new Headers(headers)
    const asNobody = given.has('authorization')
    if (given.get('authorization') === '') given.delete('authorization')
    const answer = await app.ask(method, path, {
      as: asNobody ? 'nobody' : 'alice',
      headers: Object.fromEntries(given),
      ...(body === undefined ? {} : { body }),
    })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.json).toEqual({
      error: expect.objectContaining({
        code,
        message: expect.stringMatching(/\S+ .+\.$/),
        request: answer.headers.get('x-request-id'),
      }),
    })
  })

  test('a caller’s own request id is kept, if it can do no harm', async () => {
    const ask = async (id: string) =>
      (await app.ask('GET', '/nowhere', { headers: { 'x-request-id': id } })).json.error.request
    expect(await ask('order-42.a_b')).toBe('order-42.a_b')
    expect(await ask('<script>')).toMatch(/^[0-9a-f-]{36}$/)
  })
})
