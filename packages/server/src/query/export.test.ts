import { expect, test } from 'vitest'
import { formatEntry, toEntry } from './entry.ts'
import { csvColumns, csvHeader, formatCsv } from './export.ts'
import { keep, type TestEvent } from './testing/array-store.ts'

const event: TestEvent = {
  action: 'customer.created',
  id: 'e-1',
  outcome: 'success',
  tenant: 'a',
  time: '2026-11-20T20:11:00.123Z',
  actor: { type: 'user', id: 'u_1', name: 'Zoë "Z", O’Neil\nSecond line' },
  targets: [
    { type: 'customer', id: 'c_1' },
    { type: 'plan', id: 'pro' },
  ],
  data: { n: 1 },
}
const entryOf = (more: object = {}) =>
  toEntry(keep('a', 3, Date.UTC(2026, 10, 20), { ...event, ...more }))

/** A plain RFC 4180 reader. */
function readRecord(text: string): string[] {
  expect(text.endsWith('\r\n')).toBe(true)
  const fields = text.slice(0, -2).match(/"(?:[^"]|"")*"/g) ?? []
  expect(fields.join(',')).toBe(text.slice(0, -2))
  return fields.map((field) => field.slice(1, -1).replaceAll('""', '"'))
}

test('a CSV record has a field for each column of the header, quotes and line ends kept', () => {
  const record = readRecord(formatCsv(entryOf()))
  expect(readRecord(csvHeader)).toEqual(csvColumns)
  expect(record.length).toBe(csvColumns.length)
  const fields = Object.fromEntries(csvColumns.map((column, at) => [column, record[at]]))
  expect(fields).toMatchObject({
    index: '3',
    received: '2026-11-20T00:00:00.000Z',
    'actor.name': 'Zoë "Z", O’Neil\nSecond line',
    targets: 'customer:c_1; plan:pro',
    source: '',
    data: '{"n":1}',
  })
})

test.each([
  ...[
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '\0=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '  =1',
  ],
  ...["=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")', '\u00a0=1', '=1";=2', "-2+3+cmd|''!A"],
])('%j is no formula in a spreadsheet, in any field (I-06)', (attack) => {
  const actor = { type: attack, id: attack, name: attack }
  const more = {
    action: attack,
    source: attack,
    id: attack,
    actor,
    context: { ip: attack, agent: attack },
  }
  const record = readRecord(formatCsv(entryOf({ ...more, targets: [{ type: attack, id: 'x' }] })))
  expect(record.filter((field) => field.startsWith(`'${attack}`)).length).toBe(9)
  for (const field of record) expect(field).not.toMatch(/^[\s\0]*[=+\-@＝＋－＠]/)
  for (const field of record) expect(field).not.toMatch(/^[\t\r\n\0]/)
})

test.each(['",=1,"', '"\r\n=1\r\n"', '","'])(
  '%j does not break out of its field (I-07)',
  (attack) => {
    const record = readRecord(formatCsv(entryOf({ source: attack })))
    expect(record.length).toBe(csvColumns.length)
    expect(record[csvColumns.indexOf('source')]).toBe(attack)
  },
)

test('an NDJSON line is the entry as reads return it, on one line (I-07)', () => {
  const kept = keep('a', 0, 0, event)
  expect(formatEntry(kept)).not.toContain('\n')
  expect(JSON.parse(formatEntry(kept))).toEqual(toEntry(kept))
})

test('an event is put together from its parts, `core` first, and lacks what was erased', () => {
  const kept = keep('a', 0, 0, event)
  expect(Object.keys(toEntry(kept).event)).toEqual([
    'action',
    'id',
    'outcome',
    'tenant',
    'time',
    'actor',
    'targets',
    'data',
  ])
  const { core } = kept.parts
  expect(toEntry({ ...kept, parts: { core } }).event).not.toHaveProperty('actor')
})
