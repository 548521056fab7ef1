import { expect, test } from 'vitest'
import { messageOf } from './message-of.ts'

test('a host none of whose addresses answered is told by its first address', () => {
  // What Node throws for "localhost" with nothing behind it; it has no message of its own.
  const refused = new Error('connect ECONNREFUSED ::1:5672')
  expect(messageOf(new AggregateError([refused, new Error('another')]))).toBe(refused.message)
})

test('whatever is thrown has words', () => {
  expect([new Error('full'), new TypeError(''), 'text', undefined].map(messageOf)).toEqual([
    ...['full', 'TypeError', 'text', 'undefined'],
  ])
})
