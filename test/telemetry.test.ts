import {
  createTemporaryFolder,
  type Receiver,
  type SpawnedServer,
  spawnServer,
  startReceiver,
} from '@indelible/testkit'
import { expect, test } from 'vitest'
import { readMetrics } from './metrics/read-metrics.ts'
import { readAttributes, readLastMetrics, readSpans } from './telemetry/read-otlp.ts'

const caller = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' }
/** Node's own come and go: the collector's pauses, handles of each kind. */
const isOurs = (name: string) => !name.startsWith('indelible_nodejs_')

const sum = (numbers: readonly number[]) => numbers.reduce((so, one) => so + one, 0)

const event = { action: 'a.b', actor: { id: 'u_1' } }

/** A service that sends traces to a collector; its spans are all there once it has stopped. */
async function startTraced(
  collector: Receiver,
  folder: string,
  environment: Record<string, string> = {},
): Promise<SpawnedServer> {
  return spawnServer({
    folder,
    environment: {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      ...environment,
    },
  })
}

test('an append is one trace, of its caller’s, through intake, ledger and store', async () => {
  await using collector = await startReceiver()
  using folder = createTemporaryFolder()
  await using server = await startTraced(collector, folder.path, {
    OTEL_SERVICE_NAME: 'audit',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=k1',
  })
  const traceparent = `00-${caller.trace}-${caller.span}-01`
  expect((await server.post('/v1/events', event, { traceparent })).status).toBe(201)
  await server.ask('/healthz')
  await server.stop()

  const spans = readSpans(collector.taken)
  const root = spans.find(({ name }) => name === 'POST /v1/events')
  expect(root).toMatchObject({ traceId: caller.trace, parentSpanId: caller.span, kind: 2 })
  expect(readAttributes(root?.attributes ?? [])).toEqual({
    'http.request.method': 'POST',
    'http.route': '/v1/events',
    'url.scheme': 'http',
    'http.response.status_code': 201,
  })
  const steps = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId)
  expect(steps.map(({ name }) => name)).toEqual(['intake admit', 'ledger queue', 'store commit'])
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([caller.trace]))
  const times = [root, ...steps, root].map((span, n) =>
    BigInt((n === 4 ? span?.endTimeUnixNano : span?.startTimeUnixNano) ?? 0),
  )
  expect(times).toEqual(times.toSorted((one, other) => (one < other ? -1 : 1)))
  const [posted] = collector.taken
  expect(posted?.headers['x-collector-key']).toBe('k1')
  const [{ resource }] = JSON.parse(posted?.body ?? '').resourceSpans
  expect(readAttributes(resource.attributes)).toMatchObject({
    'service.name': 'audit',
    'deployment.environment.name': 'test',
  })
})

test('each of the events that share a commit has it in its own trace', async () => {
  await using collector = await startReceiver()
  using folder = createTemporaryFolder()
  await using server = await startTraced(collector, folder.path)
  await Promise.all(Array.from({ length: 20 }, () => server.post('/v1/events', event)))
  await server.stop()
  const spans = readSpans(collector.taken)
  const commits = spans.filter(({ name }) => name === 'store commit')
  expect(new Set(commits.map(({ traceId }) => traceId)).size).toBe(20)
  // A group of n requests is told n times.
  const shares = commits.map(
    ({ attributes }) => 1 / Number(readAttributes(attributes)['indelible.group.requests']),
  )
  expect(sum(shares)).toBeCloseTo(Math.round(sum(shares)), 6)
  expect(sum(shares)).toBeLessThan(20)
})

test('nothing of an event, a query, a path or a credential is in a trace (C-05)', async () => {
  await using collector = await startReceiver()
  using folder = createTemporaryFolder()
  await using server = await startTraced(collector, folder.path)
  const canary = 'canary-5d1e'
  const headers = { 'user-agent': canary, cookie: canary, 'x-forwarded-for': canary }
  const secret = { action: canary, actor: { id: canary }, tenant: canary, data: { canary } }
  await server.post('/v1/events', { ...secret, id: canary }, headers)
  await server.post('/v1/events', { [canary]: 1 }, headers)
  await server.ask(`/v1/events?q=${canary}&tenant=${canary}`, { headers })
  await server.ask(`/v1/events/${canary}?tenant=${canary}`, { headers })
  await server.ask(`/${canary}`, { headers: { ...headers, authorization: `Bearer ${canary}` } })
  await server.stop()
  expect(readSpans(collector.taken).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['GET /v1/events', 'GET /v1/events/:id', 'GET', 'intake admit']),
  )
  expect(collector.taken.map(({ body }) => body).join('\n')).not.toContain(canary)
})

test('of a sample the rest leaves no span, and a caller’s decision goes before it', async () => {
  await using collector = await startReceiver()
  using folder = createTemporaryFolder()
  await using server = await startTraced(collector, folder.path, {
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
  })
  await server.post('/v1/events', event)
  await server.post('/v1/events', event, { traceparent: `00-${caller.trace}-${caller.span}-01` })
  await server.stop()
  const spans = readSpans(collector.taken)
  expect(spans.map(({ traceId }) => traceId)).toEqual(spans.map(() => caller.trace))
  expect(spans).toHaveLength(4)
})

test('metrics over OTLP are those of /metrics, by the same names', async () => {
  await using collector = await startReceiver()
  using folder = createTemporaryFolder()
  await using server = await spawnServer({
    folder: folder.path,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
    },
  })
  for (let n = 0; n < 3; n++) await server.post('/v1/events', [event, event])
  const find = (name: string) => readLastMetrics(collector.taken).find((each) => each.name === name)
  const batches = () => find('indelible_append_batch_events')?.histogram?.dataPoints[0]
  await expect.poll(() => batches()?.count).toBe(3)
  expect(batches()).toMatchObject({ sum: 6, bucketCounts: [0, 3, ...Array(12).fill(0)] })
  expect(batches()?.explicitBounds).toHaveLength(13)
  expect(find('indelible_ready')?.gauge?.dataPoints[0]?.asDouble).toBe(1)
  const told = (await readMetrics(server)).filter(({ samples }) => samples.length > 0)
  const appended = told.find(({ name }) => name === 'indelible_appended_events_total')
  // The next export may have been read before the last commit.
  const sumOf = (name: string) => find(name)?.sum
  await expect
    .poll(() => sumOf('indelible_appended_events_total')?.dataPoints[0]?.asDouble)
    .toBe(appended?.samples[0]?.value)
  expect(sumOf('indelible_appended_events_total')?.isMonotonic).toBe(true)
  const sent = readLastMetrics(collector.taken).map(({ name }) => name)
  expect(sent.filter(isOurs).toSorted()).toEqual(
    told
      .map(({ name }) => name)
      .filter(isOurs)
      .toSorted(),
  )
  expect(readSpans(collector.taken)).toEqual([])
})

test('a collector that does not answer fails no append, and what it does not take is dropped (F-08)', async () => {
  await using collector = await startReceiver()
  using folder = createTemporaryFolder()
  // Given up while appends go on, the batch would make room for another.
  const patient = { OTEL_EXPORTER_OTLP_TIMEOUT: '120000', OTEL_BSP_EXPORT_TIMEOUT: '120000' }
  await using server = await startTraced(collector, folder.path, patient)
  const release = collector.hold()
  const rounds = 8
  const together = 100
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all(
      Array.from({ length: together }, () => server.post('/v1/events', event)),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(together).fill(201))
  }
  release()
  await server.stop()
  // One batch of 512 was on its way, and 2,048 spans may wait.
  const kept = readSpans(collector.taken).length
  expect(kept).toBeLessThanOrEqual(512 + 2_048)
  expect(kept).toBeLessThan(rounds * together * 4)
  expect(server.errors()).not.toContain('"level":50')
})

test('a collector that is not there fails nothing, and its absence is told once', async () => {
  using folder = createTemporaryFolder()
  const gone = await startReceiver()
  await gone[Symbol.asyncDispose]()
  await using server = await spawnServer({
    folder: folder.path,
    environment: {
      INDELIBLE_LOG_LEVEL: 'warn',
      OTEL_EXPORTER_OTLP_ENDPOINT: gone.url,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRIC_EXPORT_INTERVAL: '50',
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    },
  })
  expect((await server.post('/v1/events', event)).status).toBe(201)
  await expect.poll(() => server.errors()).toContain('telemetry can not be sent')
  expect((await server.post('/v1/events', event)).status).toBe(201)
  await server.stop()
  expect(server.errors().match(/telemetry can not be sent/g)).toHaveLength(1)
})

test('without the standard variables nothing of OpenTelemetry or Sentry is loaded', async () => {
  // prom-client brings OpenTelemetry's API along, which is nothing but types and no-ops.
  const note = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (/^@(opentelemetry.(?!api$)|sentry)/.test(name)) process.stderr.write('loaded ' + name + '\\n')
      return next(name, context)
    } })`
  const nodeFlags = ['--import', `data:text/javascript,${encodeURIComponent(note)}`]
  const loads = async (environment: Record<string, string>) => {
    using folder = createTemporaryFolder()
    await using server = await spawnServer({ folder: folder.path, nodeFlags, environment })
    await server.post('/v1/events', event)
    await server.stop()
    return /loaded @(opentelemetry|sentry)/.test(server.errors())
  }
  expect(await loads({})).toBe(false)
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  expect(await loads({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBe(false)
  expect(await loads({ SENTRY_DSN: 'http://key@127.0.0.1:9/1' })).toBe(true)
})
