import { expect, test } from 'vitest'
import { readActor, readData, readTargets, readTenant } from './answers.ts'

class User {
  readonly id = 7
  readonly name = 'Ann'
  readonly passwordHash = 'x'
}
const entity = { id: 7, name: 'Ann', passwordHash: 'x', history: 'y'.repeat(10_000) }

test.each<[name: string, answer: unknown, actor: unknown]>([
  [
    'a plain actor is taken as it is',
    { id: 'u_1', type: 'service' },
    { id: 'u_1', type: 'service' },
  ],
  ['a number is an id', { id: 7 }, { id: '7' }],
  ['so is what has a text', { id: { toString: () => 'o_1' } }, { id: 'o_1' }],
  ['an entity is who it names', entity, { id: '7', name: 'Ann', omitted: 'too large' }],
  ['an instance is, too', new User(), { id: '7', name: 'Ann', omitted: 'not plain data' }],
  ['secrets are masked', { id: 'u_1', pin: 1 }, { id: 'u_1', pin: '[redacted:otp]' }],
  ['what is no text is no name', { id: 'u_1', type: 7, name: null }, { id: 'u_1' }],
  [
    'for whom and through what',
    { id: 'a', behalf: { id: 1 }, via: { id: 2, type: 'key' } },
    { id: 'a', behalf: [{ id: '1' }], via: { id: '2', type: 'key' } },
  ],
  ['without an id it is nobody', { name: 'Ann' }, undefined],
  ['an empty one is none', { id: '' }, undefined],
  ['nothing is nobody', null, undefined],
])('%s', (_name, answer, actor) => {
  expect(readActor(answer)).toEqual(actor)
})

test.each([[{ id: {} }], [{ id: 'x'.repeat(2_049) }], ['u_1'], [7]])('%j is no actor', (answer) => {
  expect(() => readActor(answer)).toThrow()
})

test('targets are a list of up to 64 that have an id', () => {
  expect(readTargets([{ id: 1, type: 'item' }])).toEqual([{ id: '1', type: 'item' }])
  expect(readTargets([])).toEqual([])
  for (const answer of [{ id: 1 }, [{}], [null], Array(65).fill({ id: 1 })]) {
    expect(() => readTargets(answer)).toThrow()
  }
})

test('data is an object that JSON can carry, in no more than 24 KiB', () => {
  expect(readData({ plan: 'pro', at: new Date(0) })).toEqual({
    plan: 'pro',
    at: '1970-01-01T00:00:00.000Z',
  })
  for (const answer of [['a'], 'a', { a: 'x'.repeat(25_000) }]) {
    expect(() => readData(answer)).toThrow()
  }
})

test('a tenant is a name, or the number of one', () => {
  expect([readTenant('acme'), readTenant(42), readTenant(undefined)]).toEqual([
    'acme',
    '42',
    undefined,
  ])
  for (const answer of ['_system', '', 'a/b', 'x'.repeat(129), {}]) {
    expect(() => readTenant(answer)).toThrow()
  }
})
