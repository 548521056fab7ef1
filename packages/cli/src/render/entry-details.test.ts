import type { Entry } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { formatDifference, formatEntry } from './entry-details.ts'
import { entryHeader, entryRow } from './entry-rows.ts'
import { formatTable } from './table.ts'

const entry: Entry = {
  tenant: 'acme',
  index: 41,
  type: 'event',
  received: '2026-03-01T10:00:00.500Z',
  hash: 'ab'.repeat(32),
  event: {
    action: 'plan.changed',
    id: 'e-41',
    outcome: 'success',
    tenant: 'acme',
    time: '2026-03-01T10:00:00.000Z',
    actor: { type: 'user', id: 'u_1', name: 'Zoë\u001b[2J', via: { type: 'key', id: 'k' } },
    targets: [{ type: 'plan', id: 'p' }],
    context: { ip: '198.51.100.7' },
    changes: { before: { plan: 'free', seats: 1 }, after: { plan: 'pro', seats: 1, trial: true } },
  },
  erased: [{ part: 'data', by: 50 }],
}

test('everything of an entry is shown, and nothing of it acts on the terminal (I-08)', () => {
  const text = formatEntry(entry, true).join('\n')
  for (const part of ['user:u_1', 'key:k', 'plan:p', 'ip: "198.51.100.7"', '41', entry.hash]) {
    expect(text).toContain(part)
  }
  expect(text).toContain('Zoë\\u001b[2J')
  expect(text).toContain('data, by entry 50')
  expect(text).toContain('2026-03-01T10:00:00.000Z')
})

test('a difference shows what changed and leaves out what did not', () => {
  expect(formatDifference(entry.event.changes?.before, entry.event.changes?.after)).toEqual([
    ...['- plan: "free"', '+ plan: "pro"', '+ trial: true'],
  ])
  expect(formatDifference(null, { a: 1 })).toEqual(['+ a: 1'])
  expect(formatDifference({ a: { b: 1 } }, undefined)).toEqual(['- a.b: 1'])
})

test('a table fits its terminal, and a hostile cell stays one cell', () => {
  const hostile = {
    ...entry,
    event: { ...entry.event, action: `a\n\u001b]0;x\u0007${'x'.repeat(99)}` },
  }
  const lines = formatTable(entryHeader(true), [entryRow(hostile, true)], 80)
  expect(lines).toHaveLength(2)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(lines.join('')).not.toMatch(/\p{Cc}/u)
})
