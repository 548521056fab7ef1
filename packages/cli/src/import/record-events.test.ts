import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { EventSubmission } from '@indelible/protocol/schema'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { createRecordMapper } from './record-events.ts'
import { splitRecords } from './records.ts'
import { openSource } from './source-bytes.ts'

const mapper = createRecordMapper('cloudtrail', {
  ...{ tenant: 'aws', now: () => Date.parse('2026-03-01T12:00:00Z') },
})

test('a number that is too long for JavaScript keeps its digits', () => {
  const text = '{"eventSource":"s3.amazonaws.com","eventName":"Get","size":12345678901234567890}'
  const mapped = mapper({ number: 1, end: 0, bytes: Buffer.from(text) })
  expect('text' in mapped && JSON.parse(mapped.text).data.size).toBe('12345678901234567890')
})

test('every record of the sample becomes a valid event with its own id', async () => {
  const sample = new URL('../../../testkit/samples/cloudtrail.ndjson', import.meta.url)
  const { chunks } = await openSource(fileURLToPath(sample), Readable.from([]))
  const ids = new Set<string>()
  let records = 0
  for await (const line of splitRecords(chunks)) {
    const mapped = mapper(line)
    const event = JSON.parse('text' in mapped ? mapped.text : '{}')
    expect([...Value.Errors(EventSubmission, event)], `record ${line.number}`).toEqual([])
    ids.add(event.id)
    records += 1
  }
  expect(records).toBeGreaterThan(0)
  expect(ids.size).toBe(records)
})
