import { expect, test } from 'vitest'
import type { Line } from './lines.ts'
import { createNdjsonMapper } from './ndjson-events.ts'
import { createOccurrences } from './occurrences.ts'

const line = (bytes: string | Buffer | undefined, number = 1): Line => ({
  number,
  end: 0,
  bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
})

function map(lines: readonly (string | Buffer | undefined)[], tenant?: string) {
  using occurrences = createOccurrences()
  const mapper = createNdjsonMapper({ occurrences, tenant })
  return lines.map((bytes) => mapper(line(bytes)))
}

const textOf = (mapped: ReturnType<typeof map>[number] | undefined): string =>
  mapped !== undefined && 'text' in mapped ? mapped.text : ''

test('a line with an id is sent exactly as it is written', () => {
  const text = '{ "id": "e-1",  "action":"a", "data":{"n":1.50,"n":2} }'
  expect(map([text])).toEqual([{ text }])
})

test('a line without an id gets one, and the rest of its text stays as it is written', () => {
  const [mapped] = map(['{ "action":"a", "data":{"n":1.50} }'])
  expect(textOf(mapped)).toMatch(
    /^\{"id":"imp_[0-9a-f]{64}-1", "action":"a", "data":\{"n":1\.50\} \}$/,
  )
})

test('the same file gives the same ids, and a line that comes twice is two events', () => {
  const file = ['{"action":"a"}', '{"action":"b"}', '{"action":"a"}']
  const ids = map(file).map((mapped) => JSON.parse(textOf(mapped)).id)
  expect(map(file).map((mapped) => JSON.parse(textOf(mapped)).id)).toEqual(ids)
  expect(new Set(ids).size).toBe(3)
  expect(ids[2]).toBe(ids[0].replace(/-1$/, '-2'))
})

test('a tenant is given to events that name none', () => {
  const [without, withOne] = map(['{"id":"1"}', '{"id":"2","tenant":"b"}'], 'a')
  expect(JSON.parse(textOf(without))).toEqual({ id: '1', tenant: 'a' })
  expect(JSON.parse(textOf(withOne))).toEqual({ id: '2', tenant: 'b' })
})

test('an exported entry is sent as the event in it', () => {
  const event = { action: 'a', id: 'e-1', actor: { id: 'u' } }
  const entry = { tenant: 'default', index: 3, type: 'event', received: 'r', hash: 'h', event }
  expect(map([JSON.stringify(entry)])).toEqual([{ text: JSON.stringify(event) }])
})

test('what is no event is refused with a reason, never repaired', () => {
  const faults = map(['{"a":', '[1]', '"x"', Buffer.from([0x7b, 0xff, 0x7d]), undefined, '{}{}'])
  expect(faults.map((mapped) => 'code' in mapped && mapped.code)).toEqual([
    ...['json-malformed', 'event-invalid', 'event-invalid'],
    ...['json-malformed', 'event-invalid', 'json-malformed'],
  ])
})

test('an empty object stays JSON when it gets an id', () => {
  expect(JSON.parse(textOf(map(['{ }'])[0]))).toHaveProperty('id')
})
