/** A dialect as far as tests of any foreign body need to know it. `$n` is another number each time, `$tenant` the key's. */
export interface DialectTarget {
  readonly name: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Bodies that are taken, for mutations: of every kind that the dialect has. */
  readonly valid: readonly unknown[]
  /**
   * How many events an answer says are kept by this request, or what was sent, if it doesn't;
   * undefined if neither does.
   */
  readonly countKept: (answer: unknown, sent: string) => number | undefined
  /** A batch whose last event has the id of the first, and is another; where callers name events. */
  readonly conflicting?: unknown
  /** The items of an array stand on a line each. */
  readonly areLines?: true
  /** The status of an answer to what is valid. Default: 201. */
  readonly taken?: number
}

const heads = (answer: unknown): readonly { readonly duplicate?: true }[] => {
  const { entries } = answer as { entries?: [] } // as the dialects below answer
  return entries ?? [answer as object]
}
const countHeads = (answer: unknown) =>
  heads(answer).filter(({ duplicate }) => duplicate !== true).length

const cloudEvent = {
  ...{ specversion: '1.0', source: '/billing', type: 'invoice.paid', subject: 'invoice/42' },
  ...{ time: '2026-01-02T03:04:05.678Z', actorid: 'u_1', data: { before: {}, after: { a: 1 } } },
}

const retracedEvent = {
  external_id: 'x-$n',
  ...{ action: 'user.login', crud: 'c', group: { id: 'g', name: 'G' }, source_ip: '203.0.113.7' },
  ...{ actor: { id: 'a', fields: { k: 'v' } }, target: { id: 't', type: 'user' } },
  ...{ created: '2026-01-02T03:04:05.678Z', is_failure: false, fields: { a: 'b' } },
}

/** With an `external_id` that other requests may have, too, one may be a repeat. */
const countNamed = (count: number, sent: string): number | undefined =>
  /"external_id":(?!"[xy]-\$n")/.test(sent) ? undefined : count

const logRecord = {
  ...{ timeUnixNano: '1767323045678000000', severityNumber: 9, eventName: 'a', traceId: 'ab' },
  body: { kvlistValue: { values: [{ key: 'k', value: { intValue: '5' } }] } },
}
/** No two requests have the same records: `$n` is in the resource. */
const logsRequest = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 's-$n' } }] },
      scopeLogs: [
        { scope: { name: 'x' }, logRecords: [logRecord, { ...logRecord, attributes: [] }] },
      ],
    },
  ],
}
const toLogsRequest = (...logRecords: object[]) => ({
  resourceLogs: [{ scopeLogs: [{ logRecords }] }],
})
const auditRecord = (id: string) => ({
  ...{ ...logRecord, observedTimeUnixNano: '1767323045679000000' },
  attributes: Object.entries({
    ...{ 'audit.record.id': id, 'audit.actor.id': 'u', 'audit.actor.type': 'user' },
    ...{ 'audit.action': 'LOGIN', 'audit.outcome': 'success' },
  }).map(([key, stringValue]) => ({ key, value: { stringValue } })),
})
/** The ids of a receipt, or of a batch of them; without `$n` one may be a repeat. */
function countReceipts(answer: unknown, sent: string): number | undefined {
  const { record_id, record_status_map = {} } = answer as {
    record_id?: string
    record_status_map?: object
  } // as answered
  const ids = record_id === undefined ? Object.keys(record_status_map) : [record_id]
  const names = sent.match(/[rs]-\$n/g) ?? []
  return new Set(names).size === ids.length ? ids.length : undefined
}

/** All of them; it can't be said where a change made them the same as another request's. */
function countRecords(sent: string): number | undefined {
  const request: { resourceLogs?: readonly (Resource | null)[] | null } = JSON.parse(sent)
  const resources = request.resourceLogs ?? []
  const isOwn = (one: Resource | null) =>
    one?.resource?.attributes?.some((held) => held?.value?.stringValue?.includes('$n')) === true
  if (!resources.every(isOwn)) return undefined
  const scopes = resources.flatMap((one) => one?.scopeLogs ?? [])
  return scopes.reduce((sum, one) => sum + (one?.logRecords?.length ?? 0), 0)
}
interface Resource {
  readonly resource?: {
    readonly attributes?: readonly ({ value?: { stringValue?: string } | null } | null)[] | null
  } | null
  readonly scopeLogs?: readonly ({ readonly logRecords?: readonly [] | null } | null)[] | null
}

const kubernetesEvent = {
  ...{ auditID: 'a-$n', stage: 'ResponseComplete', verb: 'get', requestURI: '/api/v1/pods' },
  ...{ level: 'Request', user: { username: 'u', groups: ['g'] }, sourceIPs: ['203.0.113.7'] },
  objectRef: { resource: 'pods', namespace: 'n', name: 'p', apiGroup: 'g' },
  ...{ responseStatus: { code: 200 }, requestObject: { a: [1] }, annotations: { a: 'b' } },
  requestReceivedTimestamp: '2026-01-02T03:04:05.678901Z',
}

/** With another content wherever it stands. */
const toCloudTrail = (eventID: string, n: number) => ({
  ...{ eventID, eventTime: '2026-01-02T03:04:05Z', awsRegion: 'eu-west-1' },
  ...{ eventSource: 's3.amazonaws.com', eventName: 'PutObject', userAgent: `${n}` },
  userIdentity: { type: 'IAMUser', userName: 'u', arn: 'arn:aws:iam::1:user/u' },
  requestParameters: { bucketName: 'b', key: 'k' },
  resources: [{ ARN: 'arn:aws:s3:::b', accountId: '1' }],
})
const toGitHub = (_document_id: string, n: number) => ({
  ...{ _document_id, '@timestamp': 1772438400000, action: 'repo.create', repo: 'o/r', org: 'o' },
  ...{ actor: 'u', actor_id: n, actor_location: { country_code: 'CH' } },
})
const gitHubEvents = ['a-$n', 'b-$n'].map(toGitHub)

const named = { 'idempotency-key': 'k-$n' }

/** Every dialect that there is. */
export const dialectTargets: readonly DialectTarget[] = [
  {
    ...{ name: 'flat event', path: '/event', headers: named, countKept: countHeads },
    valid: [
      {
        ...{ event_type: 'login_attempt', timestamp_utc: 1609459200, customer_id: 123 },
        event_data: { ip: '203.0.113.7' },
      },
    ],
  },
  {
    ...{ name: 'flat event of a user', path: '/events', headers: {}, countKept: countHeads },
    valid: [{ event_type: 'a', timestamp: '2021-01-02T00:00:00Z', user_id: 'u', event_id: 'e-$n' }],
  },
  {
    ...{ name: 'structured CloudEvent', path: '/cloudevents', countKept: countHeads },
    headers: { 'content-type': 'application/cloudevents+json' },
    valid: [
      { ...cloudEvent, id: 'a-$n' },
      { ...cloudEvent, id: 'b-$n', data: undefined, data_base64: 'AP8=' },
    ],
  },
  {
    ...{ name: 'batch of CloudEvents', path: '/cloudevents', countKept: countHeads },
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    valid: [['c-$n', 'd-$n', 'e-$n'].map((id) => ({ ...cloudEvent, id }))],
    conflicting: ['c-$n', 'd-$n', 'c-$n'].map((id, n) => ({ ...cloudEvent, id, subject: `${n}` })),
  },
  {
    ...{ name: 'binary CloudEvent', path: '/cloudevents', countKept: countHeads },
    headers: {
      ...{ 'content-type': 'application/json', 'ce-specversion': '1.0' },
      ...{ 'ce-id': 'f-$n', 'ce-source': 's', 'ce-type': 't' },
    },
    valid: [{ before: {}, after: {} }],
  },
  {
    ...{ name: 'Retraced event', path: '/auditlog/publisher/v1/project/p/event', headers: {} },
    ...{ valid: [retracedEvent], countKept: (_, sent) => countNamed(1, sent) },
  },
  {
    ...{ name: 'bulk of Retraced events', path: '/auditlog/publisher/v1/project/p/event/bulk' },
    ...{
      headers: {},
      valid: [
        { events: [retracedEvent, { action: 'b', is_anonymous: true, external_id: 'y-$n' }] },
      ],
    },
    countKept: (answer, sent) => countNamed((answer as []).length, sent), // [{ id, hash }, …]
  },
  {
    ...{ name: 'WorkOS event', path: '/audit_logs/events', headers: named, countKept: () => 1 },
    valid: [
      {
        organization_id: '$tenant',
        event: {
          ...{ action: 'user.signed_in', occurred_at: '2026-01-02T03:04:05.678Z', version: 1 },
          ...{ actor: { type: 'user', id: 'u', metadata: {} }, targets: [{ type: 't', id: '1' }] },
          ...{ context: { location: '203.0.113.7', user_agent: 'x' }, metadata: { a: 1 } },
        },
      },
    ],
  },
  {
    ...{ name: 'OTLP logs', path: '/v1/logs', headers: {}, valid: [logsRequest], taken: 200 },
    countKept: (_, sent) => countRecords(sent),
    conflicting: toLogsRequest(
      ...['r-$n', 's-$n', 'r-$n'].map((id, n) => ({ ...auditRecord(id), severityNumber: n })),
    ),
  },
  {
    ...{ name: 'Kubernetes audit events', path: '/kubernetes/audit', headers: {} },
    valid: [
      {
        ...{ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {} },
        items: [kubernetesEvent, { ...kubernetesEvent, stage: 'RequestReceived' }],
      },
    ],
    countKept: countHeads,
  },
  {
    ...{ name: 'OTLP audit records', path: '/v1/audit', headers: {}, taken: 200 },
    valid: [toLogsRequest(auditRecord('r-$n'), auditRecord('s-$n'))],
    conflicting: toLogsRequest(
      ...['r-$n', 's-$n', 'r-$n'].map((id, n) => ({ ...auditRecord(id), body: { intValue: n } })),
    ),
    countKept: countReceipts,
  },
  {
    ...{ name: 'CloudTrail records', path: '/cloudtrail', headers: {}, countKept: countHeads },
    valid: [{ Records: ['a-$n', 'b-$n'].map(toCloudTrail) }],
    conflicting: { Records: ['a-$n', 'b-$n', 'a-$n'].map(toCloudTrail) },
  },
  {
    ...{ name: 'GitHub audit events', path: '/github/audit', headers: {}, countKept: countHeads },
    valid: [gitHubEvents, gitHubEvents[0]],
    conflicting: ['a-$n', 'b-$n', 'a-$n'].map(toGitHub),
  },
  {
    ...{ name: 'GitHub audit events by line', path: '/github/audit', headers: {} },
    ...{ countKept: countHeads, valid: [gitHubEvents], areLines: true },
  },
]
