import { startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { startApp } from './testing/start-app.ts'

const indelible = await startTestServer()
const app = await startApp({ indelible, tenant: 'items' })
const token = await app.join('ada')
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await indelible[Symbol.asyncDispose]()
})

describe('making an item', () => {
  test('answers it with its id, owner and place', async () => {
    const body = { name: ' Lamp ', description: 'Brass', price: 24.5 }
    const { status, json, headers } = await app.ask('/items/', { token, body })
    expect(status).toBe(201)
    expect(json).toEqual({
      ...body,
      name: 'Lamp',
      id: expect.any(Number),
      owner: 'ada',
      created: expect.any(String),
    })
    const place = headers.get('location') ?? ''
    expect((await app.ask(place, { token })).json).toEqual(json)
  })

  test.each([0, 0.07, 19.99, 1_234_567.89, 10_000_000])(
    'keeps the price %d to the cent',
    async (price) => {
      const { json } = await app.ask('/items', { token, body: { name: 'Lamp', price } })
      expect(json.price).toBe(price)
      expect((await app.ask(`/items/${json.id}`, { token })).json.price).toBe(price)
    },
  )

  test.each([
    [{}, ['name', 'price']],
    [{ name: '', price: 1 }, ['name']],
    [{ name: '  ', price: -1 }, ['name', 'price']],
    [{ name: 'Lamp', price: '1' }, ['price']],
    [{ name: 'Lamp', price: 1.005 }, ['price']],
    [{ name: 'Lamp', price: 10_000_001 }, ['price']],
    [{ name: 'Lamp', price: null }, ['price']],
    [{ name: 'n'.repeat(201), price: 1, description: 'd'.repeat(5_001) }, ['name', 'description']],
    [{ name: 7, price: 1, description: [] }, ['name', 'description']],
    [{ name: 'Lamp', price: 1, owner: 'admin', id: 1 }, ['owner', 'id']],
    [[{ name: 'Lamp', price: 1 }], ['body']],
    ['"Lamp"', ['body']],
    ['null', ['body']],
  ])('of %j is refused, every fault by its field', async (body, fields) => {
    const { status, json, headers } = await app.ask('/items/', { token, body })
    expect([status, json.code]).toEqual([400, 'request-invalid'])
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const named = json.errors.map(({ field }: { field: string }) => field)
    expect(new Set(named)).toEqual(new Set(fields))
  })

  test.each([
    ['half of its JSON', '{"name":', {}, 400, 'json-malformed'],
    ['no body', '', {}, 400, 'json-malformed'],
    ['a prototype', '{"__proto__":{"x":1}}', {}, 400, 'json-malformed'],
    [
      'other than JSON',
      'name=Lamp',
      { 'content-type': 'text/plain' },
      415,
      'media-type-unsupported',
    ],
    ['more than it may', `"${'x'.repeat(70_000)}"`, {}, 413, 'body-too-large'],
  ])('with %s is refused', async (_, body, headers, status, code) => {
    const { json } = await app.ask('/items/', { token, body, headers })
    expect(json).toEqual({
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
      request: expect.any(String),
    })
  })
})

describe('reading items', () => {
  test('is for users alone, and says so before it looks at anything', async () => {
    for (const path of ['/items/', '/items/1', '/items/x', '/items/?limit=x']) {
      const { status, json } = await app.ask(path)
      expect([status, json.code]).toEqual([401, 'credentials-missing'])
    }
    const { status } = await app.ask('/items/', { body: '{' })
    expect(status).toBe(401)
  })

  test('page by page shows each once, newest first, while others are made', async () => {
    const make = (n: number) => app.ask('/items', { token, body: { name: `page ${n}`, price: n } })
    for (let n = 0; n < 7; n++) await make(n)
    const seen: { id: number; name: string }[] = []
    let cursor = ''
    for (let page = 0; page < 3; page++) {
      const { json } = await app.ask(`/items?limit=3${cursor}`, { token })
      seen.push(...json.items)
      cursor = `&cursor=${json.next}`
      await make(100 + page)
    }
    expect(seen.slice(0, 7).map(({ name }) => name)).toEqual(
      [6, 5, 4, 3, 2, 1, 0].map((n) => `page ${n}`),
    )
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
  })

  test('ends with a page that names no next', async () => {
    const { json: all } = await app.ask('/items/?limit=100', { token })
    expect(all.next).toBeNull()
    const { json: exact } = await app.ask(`/items?limit=${all.items.length}`, { token })
    expect([exact.items.length, exact.next]).toEqual([all.items.length, null])
  })

  test('with or without the slash is the same', async () => {
    expect((await app.ask('/items', { token })).json).toEqual(
      (await app.ask('/items/', { token })).json,
    )
  })

  test.each([
    ['/items/9999999', 404, 'item-unknown'],
    ['/items/0', 400, 'request-invalid'],
    ['/items/1.5', 400, 'request-invalid'],
    ['/items/true', 400, 'request-invalid'],
    ['/items/99999999999999999999', 400, 'request-invalid'],
    ['/items/%ZZ', 400, 'request-invalid'],
    ['/items?limit=0', 400, 'request-invalid'],
    ['/items?limit=101', 400, 'request-invalid'],
    ['/items?limit=1&limit=2', 400, 'request-invalid'],
    ['/items?offset=5', 400, 'request-invalid'],
    ['/nothing?here', 404, 'route-unknown'],
  ])('%s is answered %d %s', async (path, status, code) => {
    const { json } = await app.ask(path, { token })
    expect([json.status, json.code]).toEqual([status, code])
  })
})
