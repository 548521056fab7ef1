import { readFileSync } from 'node:fs'
import { startTestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { readMetric, readMetrics } from './metrics/read-metrics.ts'

/** Registered, and told only once there is one: a queue in the settings, a pause, a request. */
const lateNames = /^indelible_(queue_|nodejs_gc_|nodejs_active_)/

/** Rows of the reference: name, type, labels. */
const documented = readFileSync(
  new URL('../docs/reference/metrics.md', import.meta.url),
  'utf8',
).matchAll(/^\| `(indelible_\w+)` \| (\w+) \| ([^|]*)\|/gm)

const formatRow = (name: string, type: string, labels: readonly string[]): string =>
  `${name} ${type} ${labels.toSorted().join(' ')}`.trim()

test('the reference has every metric with its type and labels, and no other', async () => {
  await using server = await startTestServer()
  const found = await readMetrics(server)
  const rows = Array.from(documented, ([, name = '', type = '', labels = '']) => ({
    row: formatRow(name, type, labels.match(/\w+/g) ?? []),
    name,
  }))
  const isEarly = ({ name }: { name: string }) => !lateNames.test(name)
  expect(rows.map(({ name }) => name).sort()).toEqual(found.map(({ name }) => name).sort())
  expect(
    rows
      .filter(isEarly)
      .map(({ row }) => row)
      .sort(),
  ).toEqual(
    found
      .filter(isEarly)
      .map((each) => formatRow(each.name, each.type, each.labels))
      .sort(),
  )
})

test('every metric has a sample from the first scrape on, so that no alert waits for its first event', async () => {
  await using server = await startTestServer()
  const silent = (await readMetrics(server)).filter(({ samples }) => samples.length === 0)
  expect(silent.map(({ name }) => name).filter((name) => !lateNames.test(name))).toEqual([])
})

test('what is appended, repeated, refused and signed is counted', async () => {
  await using server = await startTestServer()
  const read = (name: string, labels?: string) => readMetric(server, name, labels)
  const event = { id: 'e', action: 'a.b', actor: { id: 'u_1' } }
  const before = await read('indelible_appended_events_total')
  await server.post('/v1/events', event)
  await server.post('/v1/events', event)
  await server.post('/v1/events', [event, { ...event, id: 'f' }, { ...event, id: 'g' }])
  expect((await server.post('/v1/events', { ...event, action: 'other' })).status).toBe(409)
  expect((await server.ask('/v1/nothing')).status).toBe(404)
  // A log's first event brings a record of the log into `_system`.
  expect(await read('indelible_appended_events_total')).toBe(before + 4)
  expect(await read('indelible_duplicate_events_total')).toBe(2)
  expect(await read('indelible_append_batch_events_sum')).toBe(6)
  expect(await read('indelible_append_batch_events_count')).toBe(4)
  expect(await read('indelible_problems_total', 'code="idempotency-conflict"')).toBe(1)
  expect(await read('indelible_problems_total', 'code="route-unknown"')).toBe(1)
  expect(await read('indelible_problems_total', 'code="internal"')).toBe(0)
  const created = 'method="POST",route="/v1/events",status="201"'
  // A request has ended a moment after its client has the answer.
  await expect.poll(() => read('indelible_http_request_duration_seconds_count', created)).toBe(2)
  await expect.poll(() => read('indelible_http_requests_in_flight')).toBe(1)
  await expect.poll(() => read('indelible_log_entries')).toBe(before + 4)
  await expect.poll(() => read('indelible_checkpoint_lag_seconds')).toBe(0)
  expect(await read('indelible_checkpoints_signed_total')).toBeGreaterThan(0)
})

test('a request whose client goes before it is answered leaves nothing in flight', async () => {
  await using server = await startTestServer()
  const read = (name: string) => readMetric(server, name)
  const leaving = new AbortController()
  const stream = await fetch(`${server.url}/v1/stream?tenant=default`, {
    headers: { authorization: 'Bearer root-key-for-tests-only' },
    signal: leaving.signal,
  })
  expect(stream.status).toBe(200)
  expect(await read('indelible_stream_followers')).toBe(1)
  leaving.abort()
  await expect.poll(() => read('indelible_stream_followers')).toBe(0)
  await expect.poll(() => read('indelible_http_requests_in_flight')).toBe(1)
})
