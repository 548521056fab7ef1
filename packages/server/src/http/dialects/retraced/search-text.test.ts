import { stringifyStructuredQuery } from '@retracedhq/retraced'
import { expect, test } from 'vitest'
import { formatQuery } from '../../../query/query.ts'
import { parseSearchText } from './search-text.ts'

const read = (text: string) => {
  const { query, received } = parseSearchText(text, 0)
  return { q: formatQuery(query), received }
}
const q = (text: string): string => read(text).q

test('every part of the client’s structured query is understood', () => {
  const [start, end] = [new Date('2026-11-01T10:00:00.123Z'), new Date('2026-11-02')]
  const text = stringifyStructuredQuery({
    ...{ action: 'user.*', crud: 'c,d', actor_id: 'u_1', actor_name: 'Alice Example' },
    ...{ description: 'new plan', location: 'Oslo', received_start: start, created_end: end },
  })
  expect(read(text)).toEqual({
    q:
      'action:user.* data.crud:c,d "Alice Example" actor.id:u_1 "new plan" Oslo ' +
      'until:"2026-11-02T00:00:00.000Z"',
    received: { since: start.getTime() },
  })
  expect(read(stringifyStructuredQuery({})).q).toBe('')
})

test('a range in one pair of quotes, as the viewer writes it, is two times', () => {
  expect(read('received:"2026-11-01T00:00:00+00:00,2026-11-02T00:00:00+00:00"')).toEqual({
    q: '',
    received: { since: Date.parse('2026-11-01'), until: Date.parse('2026-11-02') },
  })
  expect(read('received:,2026-11-05 received:2026-11-01, received:,2026-11-03').received).toEqual({
    ...{ since: Date.parse('2026-11-01'), until: Date.parse('2026-11-03') },
  })
})

test('what the viewer shows at first has the events that do not say what they did', () => {
  expect(q('crud:c,u,d')).toBe('data.crud:c,u,d,unknown')
  expect(q('crud:c,r,u,d')).toBe('data.crud:c,r,u,d,unknown')
  expect(q('crud:c')).toBe('data.crud:c')
  expect(q('crud:r,d')).toBe('data.crud:r,d')
})

test('a minus negates, quotes hold together, and an unknown keyword is a word', () => {
  expect(q('-action:user.login')).toBe('-action:user.login')
  expect(q('-"two words" more')).toBe('-"two words" more')
  expect(q('group.id:"a,b",c')).toBe('context.group.id:"a,b",c')
  expect(q('https://x/y ratio:5')).toBe('"https://x/y" "ratio:5"')
  expect(q('actor.id:"say \\"hi\\""')).toBe('actor.id:"say \\"hi\\""')
  expect(q('actor.id:literal*')).toBe('actor.id:"literal*"')
})

test('what cannot be understood is refused, not taken for everything', () => {
  const refused = {
    'crud:x': /takes c, r, u and d/,
    'received:2026-11-01': /takes two times/,
    'received:yesterday,': /takes times such as/,
    '-created:2026-11-01,': /cannot be negated/,
    'action:': /nothing follows "action:"/,
    'actor.id:a,,b': /no value beside a comma/,
    '"open': /a quote is not closed/,
    '***': /a word needs/,
  }
  for (const [text, reason] of Object.entries(refused)) expect(() => q(text), text).toThrow(reason)
  expect(() => q('a '.repeat(65))).toThrow(/more than 64 terms/)
  expect(() => q('a'.repeat(4_097))).toThrow(/more than 4096 characters/)
})
