import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { type CursorBinding, createCursors } from './cursor.ts'
import { parseQuery } from './grammar.ts'

const key = new Uint8Array(32).fill(7)
const cursors = createCursors({ key })
const now = Date.UTC(2026, 10, 20)
const binding: CursorBinding = {
  tenants: ['acme', 'globex'],
  query: parseQuery('actor.id:u_1 since:now-1h', now),
  order: 'newest-first',
}
const position = { tenant: 'acme', index: 41, received: now }

function isRefused(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch (error) {
    if (error instanceof Refusal) return error.code === 'cursor-invalid'
    throw error
  }
}

test('a cursor gives its position back, after a restart and an hour later too', () => {
  const cursor = cursors.seal(position, binding)
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
  const later = { ...binding, query: parseQuery('actor.id:u_1 since:now-1h', now + 3_600_000) }
  expect(createCursors({ key }).open(cursor, later)).toEqual(position)
})

test('a cursor is refused with another filter, order, grant or instance (T-06)', () => {
  const cursor = cursors.seal(position, binding)
  const others: CursorBinding[] = [
    { ...binding, tenants: ['acme'] },
    { ...binding, tenants: ['acme,globex'] },
    { ...binding, tenants: ['*'] },
    { ...binding, order: 'oldest-first' },
    { ...binding, query: parseQuery('actor.id:u_2 since:now-1h', now) },
    { ...binding, query: parseQuery('actor.id:u_1', now) },
    { ...binding, query: parseQuery('actor.id:u_1 -x since:now-1h', now) },
  ]
  for (const other of others) expect(isRefused(() => cursors.open(cursor, other))).toBe(true)
  const foreign = createCursors({ key: new Uint8Array(32).fill(8) })
  expect(isRefused(() => foreign.open(cursor, binding))).toBe(true)
})

test('a made-up, cut, prolonged or altered cursor is refused (T-06)', () => {
  const cursor = cursors.seal(position, binding)
  for (const made of [
    '',
    'x',
    '0',
    'AAAA',
    `${cursor}=`,
    `${cursor} `,
    `${cursor}A`,
    '../..',
    '\0',
  ]) {
    expect(isRefused(() => cursors.open(made, binding))).toBe(true)
  }
  for (let at = 0; at < cursor.length; at++) {
    expect(isRefused(() => cursors.open(cursor.slice(0, at), binding))).toBe(true)
    const other = cursor[at] === 'A' ? 'B' : 'A'
    const altered = cursor.slice(0, at) + other + cursor.slice(at + 1)
    expect(isRefused(() => cursors.open(altered, binding))).toBe(true)
  }
  fc.assert(fc.property(fc.string(), (made) => isRefused(() => cursors.open(made, binding))))
})
