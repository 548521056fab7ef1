import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { EventSubmission } from '@indelible/protocol/schema'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { createRecordMapper } from './record-events.ts'
import { splitRecords } from './records.ts'
import { openSource } from './source-bytes.ts'

const mapping = { tenant: undefined, now: () => Date.parse('2026-03-01T12:00:00Z') }
const record = {
  eventVersion: '1.08',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLE',
    arn: 'arn:aws:iam::111122223333:user/zoe',
    accountId: '111122223333',
    accessKeyId: 'AKIAEXAMPLE',
    userName: 'zoe',
  },
  eventTime: '2026-03-01T10:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetBucketPolicy',
  awsRegion: 'eu-west-1',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2',
  requestParameters: { bucketName: 'ledger', policy: '' },
  responseElements: null,
  requestID: 'R1',
  eventID: '11111111-2222-3333-4444-555555555555',
  readOnly: true,
  recipientAccountId: '111122223333',
}

test('a number that is too long for JavaScript keeps its digits', () => {
  const mapper = createRecordMapper('cloudtrail', mapping)
  const text = JSON.stringify(record).replace('"readOnly":true', '"size":12345678901234567890')
  const mapped = mapper({ number: 1, end: 0, bytes: Buffer.from(text) })
  expect('text' in mapped && JSON.parse(mapped.text).data.size).toBe('12345678901234567890')
})

const samples = [
  '../../../testkit/samples/cloudtrail.ndjson',
  '../../../../../shared/data/cloudtrail-2023-07-10.ndjson.gz',
]
  .map((path) => join(import.meta.dirname, path))
  .filter(existsSync)
const written = Buffer.from(JSON.stringify({ Records: [record] }))

test('every record of every sample becomes a valid event with its own id', async () => {
  const sources = await Promise.all(samples.map((path) => openSource(path, Readable.from([]))))
  async function* ours(): AsyncGenerator<Buffer> {
    yield written
  }
  for (const chunks of [ours(), ...sources.map((source) => source.chunks)]) {
    const mapper = createRecordMapper('cloudtrail', { ...mapping, tenant: 'aws' })
    const ids = new Set<string>()
    let records = 0
    for await (const line of splitRecords(chunks)) {
      const mapped = mapper(line)
      const event: unknown = JSON.parse('text' in mapped ? mapped.text : '{}')
      expect([...Value.Errors(EventSubmission, event)], `record ${line.number}`).toEqual([])
      ids.add(JSON.parse('text' in mapped ? mapped.text : '{}').id)
      records += 1
    }
    expect(records).toBeGreaterThan(0)
    expect(ids.size).toBe(records)
  }
})
