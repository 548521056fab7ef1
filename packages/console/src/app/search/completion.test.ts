import { expect, test } from 'vitest'
import { complete, completionAt, learnFields, matchFields } from './completion.ts'

test.each([
  ['', 0, { kind: 'field', prefix: '' }],
  ['act', 3, { kind: 'field', prefix: 'act', from: 0 }],
  ['-act', 4, { kind: 'field', prefix: 'act', from: 1 }],
  ['word ', 5, { kind: 'field', prefix: '', from: 5 }],
  ['actor.id:', 9, { kind: 'value', field: 'actor.id', prefix: '', from: 9 }],
  ['actor.id:u_1,u', 14, { kind: 'value', field: 'actor.id', prefix: 'u', from: 13 }],
  ['x -source:"two wo', 17, { kind: 'value', field: 'source', prefix: 'two wo', from: 10 }],
  ['action:cust outcome:success', 11, { kind: 'value', field: 'action', prefix: 'cust' }],
])('in %j at %i, what is completed is told by the term at the caret', (q, caret, expected) => {
  expect(completionAt(q, caret)).toMatchObject({ ...expected, to: caret })
})

test('what is chosen takes the place of what was typed, quoted where it must be', () => {
  const q = 'actor.name:"Zo outcome:x'
  const at = q.indexOf(' outcome')
  expect(complete('acto', completionAt('acto', 4), 'actor.id')).toEqual({
    q: 'actor.id:',
    caret: 9,
  })
  expect(complete('source:', completionAt('source:', 7), 'web')).toEqual({
    q: 'source:web ',
    caret: 11,
  })
  const done = complete(q.slice(0, at), completionAt(q.slice(0, at), at), 'Zoë Example')
  expect(done.q).toBe('actor.name:"Zoë Example" ')
})

test('fields of the events at hand are offered behind the usual ones', () => {
  const learnt = learnFields([
    { action: 'a', data: { plan: 'pro', deep: [{ n: 1 }, { m: null }] }, tenant: 't', time: 'now' },
  ])
  expect(learnt).toEqual(['action', 'data.deep.m', 'data.deep.n', 'data.plan'])
  expect(matchFields('pl', learnt, 5).map(({ field }) => field)).toEqual(['data.plan'])
  expect(matchFields('act', learnt, 2).map(({ field }) => field)).toEqual(['action', 'actor.id'])
})

test('a field that a query must quote is completed so, and one that no query can hold is not offered', () => {
  const learnt = learnFields([
    { data: { 'odd name': 1, 'a:b"c': 1, 'line\nfeed': 1, ['x'.repeat(300)]: 1 } },
  ])
  expect(learnt).toEqual(['data.a:b"c', 'data.odd name'])
  const done = complete('odd', completionAt('odd', 3), 'data.odd name')
  expect(done).toEqual({ q: '"data.odd name":', caret: 16 })
  expect(completionAt(done.q, done.caret)).toMatchObject({ kind: 'value', field: 'data.odd name' })
  const odder = complete('-"data.a', completionAt('-"data.a', 8), 'data.a:b"c')
  expect(odder.q).toBe('-"data.a:b\\"c":')
  expect(completionAt(odder.q, odder.caret)).toMatchObject({ field: 'data.a:b"c', prefix: '' })
})

test('one event of very many members is no reason to learn them all, nor to forget the next', () => {
  const wide = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`m${n}`, n]))
  const learnt = learnFields([{ data: wide }, { data: { plan: 'pro' } }])
  expect(learnt).toHaveLength(201)
  expect(learnt).toContain('data.plan')
})
