import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { readPayload } from './payload.ts'

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

test.each([undefined, null, '', {}, Object.create(null)])('there is no payload in %j', (body) => {
  expect(readPayload(body)).toBeUndefined()
})

test.each<[name: string, body: unknown, kept: unknown]>([
  ['a text', 'a=1', 'a=1'],
  ['a false', false, false],
  ['an empty list', [], []],
  [
    'numbers that a double can not carry',
    [JSON.parse('1e400'), 2 ** 53, -1e300, 10n ** 20n, 0.1, -0],
    ['Infinity', '9007199254740992', '-1e+300', '100000000000000000000', 0.1, -0],
  ],
  [
    'what JSON can not carry',
    ['a\0b', '\ud800', undefined, () => 1, Symbol('s')],
    ['a\uFFFDb', '\uFFFD', null, null, null],
  ],
  [
    'names of prototypes',
    JSON.parse('{"__proto__":{"x":1},"constructor":2,"a":{"prototype":3}}'),
    { '(__proto__)': { x: 1 }, '(constructor)': 2, a: { '(prototype)': 3 } },
  ],
  [
    'dates',
    { at: new Date(0), never: new Date(Number.NaN) },
    { at: '1970-01-01T00:00:00.000Z', never: null },
  ],
  ['what tells its own JSON', { price: { toJSON: () => '12.50' } }, { price: '12.50' }],
  [
    'a file among fields',
    { name: 'a', file: new Blob(['x']) },
    { name: 'a', file: { omitted: 'not plain data' } },
  ],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [
    'secrets',
    { password: 'x', owner: { apiKey: 'y', age: 3 } },
    { password: '[redacted:password]', owner: { apiKey: '[redacted:api-key]', age: 3 } },
  ],
])('%s is kept as data', (_name, body, kept) => {
  const read = readPayload(body)
  expect(read).toEqual(kept)
  expect(Object.getPrototypeOf(read ?? {})).not.toBe(null)
})

test.each<[name: string, body: unknown]>([
  ['bytes', Buffer.from('bytes')],
  ['a view of bytes', new Uint8Array(3)],
  ['a stream', Readable.from(['a'])],
  ['a map', new Map([['a', 1]])],
  ['an instance', new (class Form {})()],
])('%s is left alone', (_name, body) => {
  expect(readPayload(body)).toEqual({ omitted: 'not plain data' })
})

describe('bounds', () => {
  const cyclic: { a?: unknown } = {}
  cyclic.a = [cyclic]
  test.each<[name: string, body: unknown, why: string]>([
    ['a cycle', cyclic, 'too deep'],
    ['depth', nested(21), 'too deep'],
    [
      'one that answers itself',
      {
        toJSON() {
          return this
        },
      },
      'too deep',
    ],
    ['a long text', 'x'.repeat(16_400), 'too large'],
    ['a text that is long in bytes', '€'.repeat(6_000), 'too large'],
    ['a text that is long when escaped', '\u0001'.repeat(3_000), 'too large'],
    [
      'many members',
      Object.fromEntries(Array.from({ length: 901 }, (_, n) => [`m${n}`, 1])),
      'too many members',
    ],
    ['a long list', Array.from({ length: 3_000 }, () => 1), 'too large'],
    [
      'secrets whose masks are longer',
      Array.from({ length: 1_300 }, () => ({ pwd: 1 })),
      'too large',
    ],
  ])('%s is left out, and the event says so', (_name, body, why) => {
    expect(readPayload(body)).toEqual({ omitted: why })
  })
  test('depth 20 is kept', () => {
    expect(readPayload(nested(19))).toEqual(nested(19))
  })
  test('a larger bound holds up to 32 KiB, however large it is said to be', () => {
    expect(readPayload('x'.repeat(32_000), { bytesMax: 1e9 })).toHaveLength(32_000)
    expect(readPayload('x'.repeat(33_000), { bytesMax: 1e9 })).toEqual({ omitted: 'too large' })
    expect(readPayload({ a: 1 }, { bytesMax: 0 })).toEqual({ omitted: 'too large' })
  })
  test('of what is far too large hardly anything is looked at', () => {
    let looks = 0
    const watched = new Proxy(
      Array.from({ length: 1_000_000 }, () => 'x'),
      {
        get(target, name) {
          looks += 1
          return Reflect.get(target, name)
        },
      },
    )
    expect(readPayload({ list: watched })).toEqual({ omitted: 'too large' })
    expect(readPayload(new Array(1e9))).toEqual({ omitted: 'too large' })
    expect(looks).toBeLessThan(10)
  })
})

test('a body is read once: what changes it later, or answers otherwise the second time, changes nothing', () => {
  let asked = 0
  const body = {
    a: [1],
    get b() {
      return ++asked
    },
  }
  const kept = readPayload(body)
  body.a.push(2)
  expect(kept).toEqual({ a: [1], b: 1 })
})

test('a getter that throws is the caller’s to tell', () => {
  expect(() =>
    readPayload({
      get a() {
        throw new Error('broken')
      },
    }),
  ).toThrow('broken')
})

test('more names can be masked', () => {
  const body = { iban: 'DE00', items: [{ IBAN: 'DE01' }] }
  const masked = { iban: '[redacted:iban]', items: [{ IBAN: '[redacted:iban]' }] }
  expect(readPayload(body, { redact: ['iban'] })).toEqual(masked)
})
