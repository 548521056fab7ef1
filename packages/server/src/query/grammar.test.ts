import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { parseQuery } from './grammar.ts'
import { parseParameters } from './parameters.ts'
import { formatQuery } from './query.ts'
import { queries } from './testing/arbitraries.ts'

const now = Date.UTC(2026, 10, 20, 20, 11)

function faultOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal && error.code === 'query-invalid') return error.message
    throw error
  }
  return 'no fault'
}

test.each([
  ['actor.id:u_1', 'actor.id:u_1'],
  ['  actor:u_1\t\n', 'actor.id:u_1'],
  ['target:c_1 ip:10.0.0.7', 'targets.id:c_1 context.ip:10.0.0.7'],
  ['action:customer.*', 'action:customer.*'],
  ['actor.id:u_1,u_2,"a b"', 'actor.id:u_1,u_2,"a b"'],
  ['-outcome:success', '-outcome:success'],
  ['-"two words" alice@example.com pre*', '-"two words" alice@example.com pre*'],
  ['"two words",other', '"two words",other'],
  ['data.n:-5,-6', 'data.n:-5,-6'],
  ['data.plan:*', 'data.plan:*'],
  ['data.plan:""', 'data.plan:""'],
  ['data.plan:"pro"*', 'data.plan:pro*'],
  ['data.x:"a\\"b\\\\c"', 'data.x:"a\\"b\\\\c"'],
  ['"data.a b":x', '"data.a b":x'],
  ['data.größe:5 data.$ref:y data.@id:z', 'data.größe:5 data.$ref:y data.@id:z'],
  ['action:"a*"', 'action:"a*"'],
  ['ip:"2001:db8::1"', 'context.ip:"2001:db8::1"'],
  ['since:2026-11-01', 'since:"2026-11-01T00:00:00.000Z"'],
  ['until:2026-11', 'until:"2026-11-01T00:00:00.000Z"'],
  ['since:2026-11-01T10:00:00+01:00', 'since:"2026-11-01T09:00:00.000Z"'],
  ['since:now-1h until:now', 'since:now-1h until:now'],
  ['since:2026-11-01 since:2026-11-03', 'since:"2026-11-03T00:00:00.000Z"'],
  ['', ''],
])('%j reads as %j', (q, canonical) => {
  const query = parseQuery(q, now)
  expect(formatQuery(query)).toBe(canonical)
  expect(parseQuery(canonical, now)).toEqual(query)
})

test.each([
  ['"open', 1],
  ['actor.id:"open', 10],
  ['actor.id:', 10],
  ['actor.id: u_1', 10],
  ['actor.id:a,', 12],
  ['actor.id:a,,b', 12],
  ['actor.id:,b', 10],
  ['actor.id:a, b', 12],
  ['x ,b', 3],
  ['a (b)', 3],
  ['a)', 2],
  ['actor.id:a:b', 11],
  ['actor.id:(a', 10],
  ['actor.id:a"b"', 11],
  ['"a"b', 4],
  ['"a""b"', 4],
  ['cus*tomer', 4],
  ['action:a**', 10],
  ['*', 1],
  ['-', 1],
  ['a - b', 3],
  ['--a', 1],
  ['a,-b', 3],
  [':x', 1],
  ['user:u_1', 1],
  ['actor..id:x', 1],
  ['actor.*:x', 7],
  ['""', 1],
  ['@@', 1],
  ['a "!!"', 3],
  ['since:', 7],
  ['since:yesterday', 7],
  ['since:2026-02-30', 7],
  ['since:2026-13', 7],
  ['since:now-1y', 7],
  ['since:2026-11-01,2026-11-02', 17],
  ['-since:2026-11-01', 1],
  ['until:2026-11-01T25:00:00Z', 7],
  ['"😀 a" actor.id:', 16],
])('the fault of %j is at column %i', (q, column) => {
  expect(faultOf(() => parseQuery(q, now))).toMatch(new RegExp(` at column ${column}(:|\\.$)`))
})

test('a query has bounds', () => {
  expect(faultOf(() => parseQuery('a'.repeat(4_097), now))).toMatch(
    /4096 characters.* column 4097\.$/,
  )
  expect(faultOf(() => parseQuery('a '.repeat(65), now))).toMatch(/ 64 .* column 129\.$/)
})

test('since is included, until excluded, both in UTC; now is the instant given', () => {
  const query = parseQuery('since:2026-11-01 until:now-90m', now)
  expect(query.since).toBe(Date.UTC(2026, 10, 1))
  expect(query.until).toBe(now - 5_400_000)
  expect(parseQuery('since:now-2w', now).since).toBe(now - 14 * 86_400_000)
})

test('the canonical text of a query parses to that query', () => {
  fc.assert(
    fc.property(queries, (query) => {
      const shortFree = query.terms.map((term) =>
        term.field === 'actor' ? { ...term, field: 'actor.id' } : term,
      )
      const whole = { ...query, terms: shortFree }
      expect(parseQuery(formatQuery(whole), now)).toEqual(whole)
    }),
    { numRuns: 5_000 },
  )
})

test('any text is either a query with a canonical text or a fault with a column', () => {
  const piece = fc.constantFrom(
    'a',
    '-',
    ':',
    '"',
    '*',
    ',',
    ' ',
    '(',
    '\\',
    'actor',
    'since',
    'now',
    '.',
  )
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(anything, (q) => {
      const fault = faultOf(() => {
        const query = parseQuery(q, now)
        expect(parseQuery(formatQuery(query), now)).toEqual(query)
      })
      return fault === 'no fault' || /^[^a-z].* at column \d+(:|\.$)/s.test(fault)
    }),
    { numRuns: 5_000 },
  )
})

test('any field path is a parameter; repeated ones are OR, commas literal, all of them AND', () => {
  const query = parseParameters(
    {
      q: 'word',
      action: 'customer.*',
      'actor.id': ['u_1', 'a,b'],
      target: 'c_1',
      since: '2026-11-01',
      tenant: undefined,
    },
    now,
  )
  expect(formatQuery(query)).toBe(
    'word action:customer.* actor.id:u_1,"a,b" targets.id:c_1 since:"2026-11-01T00:00:00.000Z"',
  )
})

test.each([
  [{ actoin: 'x' }, /`actoin`/],
  [{ 'user.id': 'x' }, /`user\.id`/],
  [{ constructor: 'x' }, /`constructor`/],
  [{ since: 'tomorrow' }, /`since`/],
  [{ until: '2026-02-30' }, /`until`/],
  [{ since: ['2026-01-01', '2026-01-02'] }, /`since` can be given only once/],
  [{ q: ['a', 'b'] }, /`q` can be given only once/],
  [{ q: 'a:' }, /column/],
  [{ action: '' }, /`action` has no value/],
  [{ action: 'x'.repeat(5_000) }, /4096/],
])('the parameters %j are refused with a reason', (parameters, reason) => {
  expect(faultOf(() => parseParameters(parameters, now))).toMatch(reason)
})
