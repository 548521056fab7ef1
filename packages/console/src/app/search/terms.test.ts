import { expect, test } from 'vitest'
import { addFilter, formatTerm, negateTerm, removeTerm, splitTerms, unquote } from './terms.ts'

test('a query falls into its terms, quotes, escapes and all, each with its place', () => {
  const q = ' action:customer.* -outcome:success  "two words" data.note:"a \\" b",c '
  const terms = splitTerms(q)
  expect(terms.map(({ text }) => text)).toEqual([
    'action:customer.*',
    '-outcome:success',
    '"two words"',
    'data.note:"a \\" b",c',
  ])
  expect(terms.map(({ field }) => field)).toEqual(['action', 'outcome', undefined, 'data.note'])
  expect(terms.map(({ negated }) => negated)).toEqual([false, true, false, false])
  for (const { start, end, text } of terms) expect(q.slice(start, end)).toBe(text)
})

test('what is still being typed is taken apart, too', () => {
  expect(splitTerms('actor.name:"Zoë Ex').at(0)).toMatchObject({
    field: 'actor.name',
    value: '"Zoë Ex',
  })
  expect(splitTerms('"data.odd name":x').at(0)?.field).toBe('data.odd name')
  expect(unquote('"a \\"b')).toBe('a "b')
})

test.each([
  ['actor.id', 'u_1', 'actor.id:u_1'],
  ['context.ip', '2001:db8::1', 'context.ip:"2001:db8::1"'],
  ['action', 'literal*', 'action:"literal*"'],
  ['data.note', 'she said "no" \\', 'data.note:"she said \\"no\\" \\\\"'],
  ['data.plan', '', 'data.plan:""'],
  ['data.odd name', 'x', '"data.odd name":x'],
])('the value %j of %j is written as the grammar reads it', (field, value, text) => {
  expect(formatTerm(field, value)).toBe(text)
  expect(splitTerms(text)).toHaveLength(1)
})

test('a filter is added once, and takes the place of its opposite', () => {
  expect(addFilter('word', 'actor.id', 'u_1')).toBe('word actor.id:u_1')
  expect(addFilter('word actor.id:u_1', 'actor.id', 'u_1')).toBe('word actor.id:u_1')
  expect(addFilter('-actor.id:u_1 word', 'actor.id', 'u_1')).toBe('word actor.id:u_1')
  expect(addFilter('actor.id:u_1', 'actor.id', 'u_1', true)).toBe('-actor.id:u_1')
})

test('a term is taken out or turned round, and the others stay', () => {
  const q = 'a  -b:"c d" e'
  const [, middle] = splitTerms(q)
  if (middle === undefined) throw new Error('There are three terms.')
  expect(removeTerm(q, middle)).toBe('a e')
  expect(negateTerm(q, middle)).toBe('a b:"c d" e')
})
