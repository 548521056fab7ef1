import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './appends.ts'
import { createEventTexts } from './events.ts'
import { runLoad } from './load.ts'
import { formatRate, type Row, type Scale } from './report.ts'
import { benchKey, type Service, startService } from './service.ts'

/** How a client sends the events that the native route takes as they are. */
interface Sending {
  readonly path: string
  readonly contentType?: string
  readonly body: (events: readonly BenchEvent[]) => string
}

/** A dialect's own words for the same facts of an event. */
interface DialectLoad {
  readonly name: string
  readonly single: Sending
  /** By hundreds; none where it has no batches. */
  readonly batch?: Sending
}

interface BenchEvent {
  readonly id: string
  readonly action: string
  readonly actor: { readonly id: string }
  readonly time: string
  readonly targets: readonly [{ readonly id: string }]
  readonly context: object
  readonly data: object
}

const native = {
  single: { path: '/v1/events', body: ([event]) => JSON.stringify(event) },
  batch: { path: '/v1/events', body: (events) => JSON.stringify(events) },
} satisfies Record<string, Sending>

const toCloudEvent = (event: BenchEvent | undefined) => ({
  ...{ specversion: '1.0', id: event?.id, source: 'billing', type: event?.action },
  ...{ time: event?.time, subject: event?.targets[0].id, actorid: event?.actor.id },
  data: { ...event?.context, ...event?.data },
})

const retraced = '/auditlog/publisher/v1/project/bench'
const toRetraced = (event: BenchEvent | undefined) => ({
  ...{ external_id: event?.id, action: event?.action, crud: 'u', actor: event?.actor },
  ...{ created: event?.time, target: event?.targets[0], ...event?.context, ...event?.data },
})

const otlpValue = (value: unknown) => ({ stringValue: String(value) })
const toLogRecord = (event: BenchEvent | undefined) => ({
  timeUnixNano: `${Date.parse(event?.time ?? '')}000000`,
  eventName: event?.action,
  attributes: Object.entries({
    ...{ 'audit.record.id': event?.id, 'user.id': event?.actor.id },
    ...{ 'audit.target.id': event?.targets[0].id, ...event?.context, ...event?.data },
  }).map(([key, value]) => ({ key, value: otlpValue(value) })),
})
const toLogs = (events: readonly BenchEvent[]) =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: otlpValue('billing') }] },
        scopeLogs: [{ logRecords: events.map(toLogRecord) }],
      },
    ],
  })

const eventList = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1' }
const toKubernetes = (event: BenchEvent | undefined) => ({
  ...{ level: 'Metadata', auditID: event?.id, stage: 'ResponseComplete', verb: 'update' },
  ...{ requestURI: '/api/v1/pods', user: { username: event?.actor.id } },
  ...{ objectRef: { resource: 'pods', name: event?.targets[0].id }, responseStatus: { code: 200 } },
  ...{ requestReceivedTimestamp: event?.time, annotations: { ...event?.context, ...event?.data } },
})

const toCloudTrail = (event: BenchEvent | undefined) => ({
  ...{ eventID: event?.id, eventTime: event?.time, eventSource: 'iam.amazonaws.com' },
  ...{ eventName: 'UpdateRole', userIdentity: { type: 'IAMUser', userName: event?.actor.id } },
  requestParameters: { roleName: event?.targets[0].id, ...event?.context, ...event?.data },
})

const toGitHub = (event: BenchEvent | undefined) => ({
  ...{ _document_id: event?.id, '@timestamp': Date.parse(event?.time ?? ''), org: 'acme' },
  ...{ action: event?.action, actor: event?.actor.id, repo: event?.targets[0].id },
  ...{ ...event?.context, ...event?.data },
})

const toEventList: Sending['body'] = (events) =>
  JSON.stringify({ ...eventList, items: events.map(toKubernetes) })
const toDelivery: Sending['body'] = (events) =>
  JSON.stringify({ Records: events.map(toCloudTrail) })
const toLines: Sending['body'] = (events) =>
  events.map((event) => JSON.stringify(toGitHub(event))).join('\n')

/** One entry for each dialect. */
const dialects: readonly DialectLoad[] = [
  {
    name: 'flat events',
    single: {
      path: '/event',
      body: ([event]) =>
        JSON.stringify({
          event_type: event?.action,
          timestamp_utc: Math.floor(Date.parse(event?.time ?? '') / 1_000),
          customer_id: event?.actor.id,
          event_data: { ...event?.context, ...event?.data, target: event?.targets[0].id },
        }),
    },
  },
  {
    name: 'CloudEvents',
    single: {
      ...{ path: '/cloudevents', contentType: 'application/cloudevents+json' },
      body: ([event]) => JSON.stringify(toCloudEvent(event)),
    },
    batch: {
      ...{ path: '/cloudevents', contentType: 'application/cloudevents-batch+json' },
      body: (events) => JSON.stringify(events.map(toCloudEvent)),
    },
  },
  {
    name: 'Retraced',
    single: {
      path: `${retraced}/event`,
      body: ([event]) => JSON.stringify(toRetraced(event)),
    },
    batch: {
      path: `${retraced}/event/bulk`,
      body: (events) => JSON.stringify({ events: events.map(toRetraced) }),
    },
  },
  {
    name: 'OTLP logs',
    single: { path: '/v1/logs', body: toLogs },
    batch: { path: '/v1/logs', body: toLogs },
  },
  {
    name: 'WorkOS',
    single: {
      path: '/audit_logs/events',
      body: ([event]) =>
        JSON.stringify({
          organization_id: 'default',
          event: {
            ...{ action: event?.action, occurred_at: event?.time, actor: event?.actor },
            ...{ targets: event?.targets, context: { location: '203.0.113.7' } },
            metadata: { ...event?.context, ...event?.data },
          },
        }),
    },
  },
  {
    name: 'Kubernetes audit events',
    single: { path: '/kubernetes/audit', body: toEventList },
    batch: { path: '/kubernetes/audit', body: toEventList },
  },
  {
    name: 'CloudTrail records',
    single: { path: '/cloudtrail', body: toDelivery },
    batch: { path: '/cloudtrail', body: toDelivery },
  },
  {
    name: 'GitHub audit events',
    single: { path: '/github/audit', body: toLines },
    batch: { path: '/github/audit', body: toLines },
  },
]

/** What a run sends: how many events, by how many at a time, over how many connections. */
interface Shape {
  readonly events: number
  readonly eventsOfRequest: number
  readonly connections: number
}

/** Appends through each dialect, in turns with the native route of the same service. */
export async function measureDialects(folder: string, scale: Scale): Promise<Row[]> {
  const rows: Row[] = []
  const ones = { events: scale.singleEvents, eventsOfRequest: 1, connections: 64 }
  const hundreds = { events: scale.batchedEvents, eventsOfRequest: 100, connections: 16 }
  for (const { name, single, batch } of dialects) {
    rows.push(await compare(name, folder, scale.rounds, ones, [native.single, single]))
    if (batch === undefined) continue
    rows.push(await compare(name, folder, scale.rounds, hundreds, [native.batch, batch]))
  }
  return rows
}

async function compare(
  name: string,
  folder: string,
  rounds: number,
  shape: Shape,
  sendings: readonly [native: Sending, dialect: Sending],
): Promise<Row> {
  await using service = await startService('our-server', join(folder, randomUUID()))
  const costs: [Cost[], Cost[]] = [[], []]
  for (let round = 0; round < rounds + 1; round++) {
    for (const at of [0, 1] as const) {
      const cost = await run(service, shape, sendings[at], 2 * round + at)
      if (round > 0) costs[at].push(cost) // both warm up
    }
  }
  const [ours, theirs] = [middle(costs[0]), middle(costs[1])]
  const { eventsOfRequest: events } = shape
  return {
    what: `append as ${name}, ${events === 1 ? 'one event' : `${events} events`} a request`,
    value: formatCost(theirs),
    against: `the native route: ${formatCost(ours)}`,
    ratio: theirs.perSecond / ours.perSecond,
  }
}

interface Cost {
  /** Events. */
  readonly perSecond: number
  /** Of all threads, the indexer's too: it says more where the machine is shared. */
  readonly cpuUsOfEvent: number
}

const middle = (costs: readonly Cost[]): Cost => ({
  perSecond: median(costs.map(({ perSecond }) => perSecond)),
  cpuUsOfEvent: median(costs.map(({ cpuUsOfEvent }) => cpuUsOfEvent)),
})

const formatCost = ({ perSecond, cpuUsOfEvent }: Cost): string =>
  `${formatRate(perSecond)} events/s, ${Math.round(cpuUsOfEvent)} µs of CPU each`

async function run(service: Service, shape: Shape, sending: Sending, seed: number): Promise<Cost> {
  const { events, eventsOfRequest, connections } = shape
  const { path, contentType = 'application/json', body } = sending
  const all = createEventTexts(events, seed).map((text): BenchEvent => JSON.parse(text))
  const bodies: string[] = []
  for (let at = 0; at < all.length; at += eventsOfRequest) {
    bodies.push(body(all.slice(at, at + eventsOfRequest)))
  }
  const { port } = service
  const before = service.cpuMs()
  const load = { port, path, key: benchKey, connections, bodies, contentType }
  const { perSecond } = await runLoad(load)
  while ((await service.indexTail()) > 0) await sleep(50)
  const cpuUs = (service.cpuMs() - before) * 1_000
  return { perSecond: perSecond * eventsOfRequest, cpuUsOfEvent: cpuUs / events }
}
