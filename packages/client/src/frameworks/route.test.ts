import { describe, expect, test } from 'vitest'
import { matchRoute, nameAction } from './route.ts'

const match = (path: string, pattern?: string, method = 'GET') => {
  const { endpoint, parameters, path: kept } = matchRoute(method, path, pattern)
  return { endpoint, targets: parameters.map(({ type, value }) => `${type} ${value}`), kept }
}

describe('a pattern is laid over the path that it matched', () => {
  test.each<[path: string, pattern: string, endpoint: string, targets: string[]]>([
    ['/items/42', '/items/:id', '/items/:id', ['items 42']],
    ['/items/42/', '/items/:id', '/items/:id', ['items 42']],
    ['/Items/42', '/items/:id', '/items/:id', ['items 42']],
    ['//items//42', '/items/:id', '/items/:id', ['items 42']],
    ['/', '/', '/', []],
    ['/items/42', '/items/:id(\\d+)', '/items/:id', ['items 42']],
    ['/items/42', '/items/:id{[0-9]+}', '/items/:id', ['items 42']],
    ['/items/Gro%C3%9F', '/items/:name', '/items/:name', ['items Groß']],
    ['/items/100%', '/items/:id', '/items/:id', ['items 100%']],
    ['/Gr%C3%B6%C3%9Fe/1', '/größe/:id', '/größe/:id', ['größe 1']],
    ['/items', '/items/:id?', '/items', []],
    ['/items/42', '/items/:id?', '/items/:id', ['items 42']],
    ['/items/42', '/items{/:id}', '/items/:id', ['items 42']],
    ['/items', '/items{/:id}', '/items', []],
    ['/a/b', '/:shop/:order', '/:shop/:order', ['shop a', 'order b']],
    ['/7', '/:id', '/:id', ['resource 7']],
    ['/flights/LHR-SFO', '/flights/:from-:to', '/flights/:from-:to', []],
  ])('%s by %s', (path, pattern, endpoint, targets) => {
    expect(match(path, pattern)).toEqual({ endpoint, targets, kept: path })
  })

  test.each([
    ['/files/a/b', '/files/*path'],
    ['/files/a/b', '/files/*'],
    ['/files/a/b', '/files/:path(.*)'],
    ['/a/b', '/:path(.*)'],
    ['/a/b', '/:path{.+}'],
    ['/rewritten/elsewhere', '/items/:id'],
    ['/items', '/items/:id'],
  ])('%s by %s, which can not be laid over it, is the pattern', (path, pattern) => {
    expect(match(path, pattern)).toEqual({ endpoint: pattern, targets: [], kept: path })
  })

  test('without a route there is no endpoint', () => {
    expect(match('/nowhere/42')).toEqual({ endpoint: undefined, targets: [], kept: '/nowhere/42' })
  })
})

const uuid = '018f3b1c-0000-7000-8000-000000000000'
const long = 'a'.repeat(33)
describe('a mounted router knows the end of its routes; before it', () => {
  test.each<[path: string, endpoint: string, targets: string[]]>([
    ['/shops/orders/9', '/shops/orders/:id', ['orders 9']],
    ['/Shops/orders/9', '/shops/orders/:id', ['orders 9']],
    ['/api/v2/orders/9', '/api/v2/orders/:id', ['orders 9']],
    ['/shops/7/orders/9', '/shops/:id/orders/:id', ['shops 7', 'orders 9']],
    [`/shops/${uuid}/orders/9`, '/shops/:id/orders/:id', [`shops ${uuid}`, 'orders 9']],
    ['/shops/aB3xY/orders/9', '/shops/:id/orders/:id', ['shops aB3xY', 'orders 9']],
    [`/shops/${long}/orders/9`, '/shops/:id/orders/:id', [`shops ${long}`, 'orders 9']],
  ])('words are kept, and ids are not: %s', (path, endpoint, targets) => {
    const found = match(path, '/orders/:id')
    expect(found.endpoint).toBe(endpoint)
    expect(found.targets).toEqual(targets)
  })

  test.each(['xoxb-abcdefgh', 'sk_live_abcdefgh', 'AKIAIOSFODNN7EXAMPLE', 'eyJ1IjoxfQ'])(
    'no key comes into the action, for which the service would refuse the event: %s',
    (key) => {
      const route = matchRoute('GET', `/shops/${key}/orders`, '/orders')
      expect(nameAction(route)).toBe('shops.orders.read')
    },
  )
})

describe('a secret is not kept', () => {
  test.each([
    ['/reset/hunter2', '/reset/:token', '/reset/[redacted:token]'],
    ['/reset/7-hunter2', '/reset/:id-:token', '/reset/[redacted:token]'],
    ['/a/reset/hunter2', '/reset/:token', '/a/reset/[redacted:token]'],
    ['/reset/hunter2/files/a', '/reset/:token/*rest', '/reset/:token/*rest'],
    ['/reset/hun/ter2', '/reset/*token', '/reset/*token'],
    ['/rewritten/hunter2', '/reset/:token', '/reset/:token'],
    ['/reset/hunter2', '/reset/:token?', '/reset/[redacted:token]'],
  ])('%s by %s', (path, pattern, kept) => {
    const found = match(path, pattern)
    expect(found.kept).toBe(kept)
    expect(JSON.stringify(found)).not.toContain('ter2')
  })
})

test.each([
  ['GET', '/items/:id', 'items.read'],
  ['HEAD', '/items/:id', 'items.read'],
  ['POST', '/items', 'items.create'],
  ['PATCH', '/api/v1/users/:id/orders', 'users.orders.update'],
  ['PUT', '/api', 'api.update'],
  ['DELETE', '/user-profiles/:id', 'user-profiles.delete'],
  ['GET', '/files/*', 'files.read'],
  ['OPTIONS', '/items', 'items.options'],
  ['M-SEARCH', '/items', 'items.other'],
  ['XOXB-ABCDEFGH', '/items', 'items.other'],
  ['GET', '/', 'http.read'],
  ['POST', undefined, 'http.create'],
])('%s %s is %s', (method, endpoint, action) => {
  expect(nameAction({ method, endpoint })).toBe(action)
})
