import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { curl } from './dialects/curl.ts'
import { importFiles } from './dialects/import-files.ts'

/** CloudTrail's delivery files, sent as they are. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const root = new URL('../', import.meta.url)
const sample = new URL('packages/testkit/samples/cloudtrail.ndjson', root).pathname
const records: readonly Record<string, unknown>[] = readFileSync(sample, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const [record = {}] = records
const delivery = JSON.stringify({ Records: records })

const post = (body: string | Uint8Array, tenant: string, headers = {}) =>
  fetch(`${server.url}/cloudtrail?tenant=${tenant}`, {
    ...{ method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body) },
    headers: { authorization: `Bearer ${testRootKey}`, ...headers },
  }).then(async (answer) => ({ status: answer.status, json: JSON.parse(await answer.text()) }))

const listEvents = async (tenant: string) =>
  (await server.ask(`/v1/events?tenant=${tenant}&order=asc&limit=1000`)).json.entries.map(
    ({ event }: { event: object }) => event,
  )

async function importFile(tenant: string, path = sample) {
  const [said] = await importFiles([path], { from: 'cloudtrail', url: server.url, tenant })
  return said
}

test('a delivery file is the same events sent as imported, in either order', async () => {
  using temporary = createTemporaryFolder()
  const file = `${temporary.path}/delivery.json.gz`
  writeFileSync(file, gzipSync(delivery))
  const headers = ['-H', `Authorization: Bearer ${testRootKey}`, '-H', 'Content-Encoding: gzip']
  const url = `${server.url}/cloudtrail?tenant=sent`
  expect((await curl([url, ...headers, '--data-binary', `@${file}`])).status).toBe(201)
  const sent = await listEvents('sent')
  expect(sent).toHaveLength(records.length)
  expect(sent[0]).toMatchObject({
    id: record.eventID,
    context: { dialect: 'cloudtrail', backfilled: true },
  })
  expect(await importFile('sent')).toMatchObject({
    added: 0,
    present: records.length,
    refused: 0,
  })
  await importFile('imported')
  expect((await post(delivery, 'imported')).status).toBe(200)
  // As it lies in the bucket, by a sender that says nothing of gzip.
  expect((await post(gzipSync(delivery), 'imported')).status).toBe(200)
  const strip = (events: readonly object[]) => events.map((event) => ({ ...event, tenant: '' }))
  expect(strip(await listEvents('imported'))).toEqual(strip(sent))
})

test('is refused whole, with the fault where it is in the file', async () => {
  const late = { ...record, eventID: 'x', eventTime: 'soon' }
  for (const [body, pointer] of [
    [{ Records: [record, {}] }, '/Records/1'],
    [{ Records: [record, late] }, '/Records/1/eventTime'],
    [{ Records: {} }, ''],
    [[record], ''],
  ] as const) {
    const { status, json } = await post(JSON.stringify(body), 'refused')
    expect([status, json.errors[0].pointer]).toEqual([422, pointer])
  }
  expect((await server.ask('/v1/logs/refused')).json.size ?? 0).toBe(0)
})

test('holds what our strictness would refuse, changed visibly', async () => {
  let deep: unknown = 'bottom'
  for (let level = 0; level < 50; level++) deep = { deep }
  const requestParameters = { constructor: 1, text: 'a\0b', deep }
  const text = JSON.stringify({ Records: [{ ...record, requestParameters }] })
  for (const body of [text, text.replace('a\\u0000b', 'ab')]) {
    const renamed = body.replace(String(record.eventID), `odd-${body.length}`)
    expect((await post(renamed, 'odd')).status).toBe(201)
  }
  const [{ data }] = await listEvents('odd')
  expect(data.requestParameters).toMatchObject({ 'constructor…': 1, text: 'a\ufffdb' })
})

test('and such a record, or one without an id, is the same event sent as imported', async () => {
  const { eventID: _, ...nameless } = record
  const text = JSON.stringify({ Records: [record, nameless] }).replace(
    '"eventVersion"',
    '"n":12345678901234567890,"n":1e999,"t":"a\\u0000b","constructor":{"deep":DEEP},$&',
  )
  const body = text.replace('DEEP', `${'['.repeat(29)}7${']'.repeat(29)}`)
  using temporary = createTemporaryFolder()
  const path = `${temporary.path}/odd.json`
  writeFileSync(path, body)
  expect((await post(body, 'odd-sent')).status).toBe(201)
  expect(await importFile('odd-sent', path)).toMatchObject({ present: 2, refused: 0 })
  expect(await importFile('odd-imported', path)).toMatchObject({ added: 2, refused: 0 })
  expect((await post(body, 'odd-imported')).status).toBe(200)
})
