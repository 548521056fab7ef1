/**
 * Name and examples of every operation, for OpenAPI and clients made from it: one story, told
 * from append to proof. A test holds it against the routes, both ways.
 */
export interface Operation {
  readonly operationId: string
  /** An example of the request's body. */
  readonly request?: unknown
  /** An example of the answer; none for 204. */
  readonly answer?: unknown
  /** Media type of the answer, where it is not JSON. */
  readonly media?: string
}

const event = {
  id: 'e-1',
  action: 'customer.account.created',
  actor: { type: 'user', id: 'u_1', name: 'Zoë' },
  targets: [{ type: 'account', id: 'a_7', name: 'Acme' }],
  context: { ip: '203.0.113.7' },
  data: { plan: 'pro' },
}
const hash = '55179f3e6bf7c8da6d5ce91f935f9f85616fd686d60f8ceaeb6e2b8c98d1fabb'
const received = '2026-11-20T20:11:00.123Z'
const head = { id: 'e-1', tenant: 'default', index: 41, received, hash }
const kept = {
  ...{ action: event.action, id: 'e-1', outcome: 'success', tenant: 'default', time: received },
  ...{ actor: event.actor, targets: event.targets, context: event.context, data: event.data },
}
const entry = { tenant: 'default', index: 41, type: 'event', received, hash, event: kept }
const origin = 'audit.example.com/l/29a570ad973c165662c6'
const log = {
  ...{ tenant: 'default', origin },
  vkey: `${origin}+c2c2ac17+AfGU27NICgDLTLB8z3mqY6IR39kO1gLC8N/mZqTTnNJt`,
  cosigner: 'audit.example.com/instance+01058520+BEBIrfvlMjaj9EQYwEfJMo6g7INFZO7Xzl266y8yv+Wr',
  ...{ size: 42, root: hash, checkpoint: { size: 42, time: received } },
}
const tokenKey = { generation: 2, since: received, former: [{ generation: 1, until: received }] }
const note = `${origin}\n42\nVRefPmv3yNptXOkfk1+fhWFv1obWD4zq624rjJjR+rs=\n\n— ${origin} wsKsF…\n`
const key = {
  ...{ id: 'k3f9', name: 'billing service', scopes: ['append'], tenants: ['default'] },
  ...{ created: received, createdBy: 'user:admin', expires: null, lastUsed: null },
}
const user = {
  ...{ username: 'ada', role: 'auditor', tenants: ['default'], disabled: false },
  ...{ created: received, createdBy: 'user:admin' },
}
const rule = { name: 'case-number', pattern: 'CASE-*', action: 'mask' }
const ruleInfo = {
  ...rule,
  origin: 'console',
  state: 'on',
  changed: received,
  changedBy: 'user:ada',
}
const schema = {
  action: event.action,
  schema: {
    properties: {
      data: { required: ['plan'], properties: { plan: { enum: ['free', 'pro'] } } },
    },
    required: ['data'],
  },
  ...{ updated: received, by: 'user:admin' },
}
const until = '2026-11-21T08:11:00.000Z'
const audits = {
  ...{ everyHours: 24, next: until, running: null, growth: until, fault: null },
  last: {
    ...{ started: received, ended: received, ok: true, entries: 42, findings: 0, found: [] },
    logs: [{ tenant: 'default', size: 42, findings: 0, ok: true }],
  },
}
const newPassword = 'correct horse battery staple'

/** What stands in a path, and in the query where it can't be left out. */
export const parameterExamples: Readonly<Record<string, string>> = {
  ...{ tenant: 'default', id: 'e-1', username: 'ada', name: 'case-number', action: event.action },
  ...{ field: 'action', index: '0', size: '1', from: '1', to: '1' },
}

/** By method and path, as the routes are registered. */
export const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/events': { operationId: 'appendEvents', request: event, answer: head },
  'GET /v1/events': { operationId: 'searchEvents', answer: { entries: [entry], next: null } },
  'GET /v1/events/:id': { operationId: 'readEvent', answer: entry },
  'GET /v1/events/:id/receipt': {
    operationId: 'readReceipt',
    answer: {
      format: 'indelible-receipt/v1',
      entry:
        'indelible-entry/v1\ntype event\ntime 1795205460123\n' +
        'part core YJGF8V18FaQQpo+EUsLDUot2XLne8yXhIPbUfEb0IyY=\n',
      parts: { core: { salt: 'AgICAgICAgICAgICAgICAg==', text: '{"action":"…"}' } },
      proof: `c2sp.org/tlog-proof@v1\nindex 41\n…\n\n${note}`,
    },
  },
  'GET /v1/stream': {
    operationId: 'followEvents',
    answer: `retry: 2000\n\nid: 41\ndata: ${JSON.stringify(entry)}\n\n`,
    media: 'text/event-stream',
  },
  'GET /v1/export': {
    operationId: 'exportEvents',
    answer: `${JSON.stringify(entry)}\n`,
    media: 'application/x-ndjson',
  },
  'GET /v1/histogram': {
    operationId: 'countEvents',
    answer: {
      interval: 'hour',
      complete: true,
      buckets: [{ time: '2026-11-20T20:00:00.000Z', count: 3, values: { success: 2, denied: 1 } }],
    },
  },
  'GET /v1/values': {
    operationId: 'listValues',
    answer: { field: 'action', complete: true, values: [{ value: event.action, count: 3 }] },
  },
  'GET /v1/logs': { operationId: 'listLogs', answer: { logs: [log] } },
  'GET /v1/logs/:tenant': { operationId: 'readLog', answer: log },
  'GET /v1/logs/:tenant/proofs/inclusion': {
    operationId: 'proveInclusion',
    answer: { index: 41, size: 42, root: hash, hashes: [hash] },
  },
  'GET /v1/logs/:tenant/proofs/consistency': {
    operationId: 'proveConsistency',
    answer: { from: 40, to: 42, root: hash, hashes: [hash] },
  },
  'GET /v1/logs/:tenant/checkpoint': {
    operationId: 'readCheckpoint',
    answer: note,
    media: 'text/plain',
  },
  'GET /v1/logs/:tenant/tile/*': {
    operationId: 'readTile',
    answer: '(32 bytes for each hash)',
    media: 'application/octet-stream',
  },
  'POST /v1/logs/:tenant/key': {
    operationId: 'rotateLogKey',
    request: { revoke: false },
    answer: {
      ...{ tenant: 'default', origin },
      vkey: `${origin}+b6e39b08+AUW2pU5TyNUUkJ7OVKyGyX0KyHtqLZEvtNRDRHGhoAcT`,
      formerKeys: [
        {
          ...{ generation: 1, vkey: log.vkey, ended: received, signs: true },
          succession: `indelible-key-succession/v1\n${origin}\n…`,
        },
      ],
    },
  },
  'POST /v1/login': {
    operationId: 'logIn',
    request: { username: 'admin', password: newPassword },
    answer: { token: 'eyJhbGciOiJIUzI1NiJ9.…', expires: until },
  },
  'POST /v1/logout': { operationId: 'logOut' },
  'GET /v1/session': {
    operationId: 'readSession',
    answer: {
      ...{ kind: 'user', id: 'ada', name: 'ada', role: 'auditor', scopes: ['read', 'export'] },
      ...{ tenants: ['default'], filter: null, expires: until },
    },
  },
  'POST /v1/password': {
    operationId: 'changeOwnPassword',
    request: { current: newPassword, next: 'another horse, another staple' },
  },
  'POST /v1/tokens': {
    operationId: 'createViewerToken',
    request: { tenant: 'default', filter: 'actor:u_1', ttl: 3600 },
    answer: {
      ...{ id: 'v7c2', token: 'eyJhbGciOiJIUzI1NiJ9.…', tenant: 'default' },
      ...{ scopes: ['read'], filter: 'actor:u_1', expires: until },
    },
  },
  'GET /v1/token-key': { operationId: 'readTokenKey', answer: tokenKey },
  'POST /v1/token-key': {
    operationId: 'rotateTokenKey',
    request: { revoke: false },
    answer: tokenKey,
  },
  'POST /v1/keys': {
    operationId: 'createKey',
    request: { name: key.name, scopes: key.scopes, tenants: key.tenants },
    answer: { ...key, key: 'ind_k3f9_…' },
  },
  'GET /v1/keys': { operationId: 'listKeys', answer: { keys: [key] } },
  'DELETE /v1/keys/:id': { operationId: 'revokeKey' },
  'POST /v1/users': {
    operationId: 'createUser',
    request: {
      ...{ username: user.username, role: user.role },
      ...{ tenants: user.tenants, password: newPassword },
    },
    answer: user,
  },
  'GET /v1/users': { operationId: 'listUsers', answer: { users: [user] } },
  'GET /v1/users/:username': { operationId: 'readUser', answer: user },
  'PATCH /v1/users/:username': {
    operationId: 'changeUser',
    request: { disabled: true },
    answer: { ...user, disabled: true },
  },
  'DELETE /v1/users/:username': { operationId: 'removeUser' },
  'GET /v1/tenants': {
    operationId: 'listTenants',
    answer: { tenants: [{ tenant: 'default', name: null }] },
  },
  'POST /v1/tenants': {
    operationId: 'createTenant',
    request: { tenant: 'acme', name: 'Acme Ltd' },
    answer: { tenant: 'acme', name: 'Acme Ltd', created: received },
  },
  'GET /v1/audits': { operationId: 'readAudits', answer: audits },
  'POST /v1/audits': { operationId: 'startAudit', answer: audits },
  'GET /v1/service': {
    operationId: 'readService',
    answer: {
      ...{ version: '0.1.0', node: 'v26.0.0', started: received, ready: true },
      store: { kind: 'sqlite', where: '/var/lib/indelible', bytes: 1_048_576 },
      ...{ logs: 1, entries: 42, appended: 42, rate: 0.7 },
      intake: { bytes: 0, bytesMax: 33_554_432, stopped: null },
      index: { behind: 0, behindMax: 20_000 },
      queues: [],
      signing: { signs: true, refusals: [] },
      memory: { rss: 120_000_000, heap: 40_000_000 },
    },
  },
  'GET /v1/redaction': { operationId: 'listRedactionRules', answer: { rules: [ruleInfo] } },
  'PUT /v1/redaction/rules/:name': {
    operationId: 'putRedactionRule',
    request: { pattern: rule.pattern, action: rule.action },
    answer: rule,
  },
  'DELETE /v1/redaction/rules/:name': { operationId: 'removeRedactionRule' },
  'PUT /v1/redaction/built-in/:name': {
    operationId: 'switchBuiltInRedactionRule',
    request: { enabled: false },
    answer: { name: 'card', enabled: false },
  },
  'POST /v1/redaction/preview': {
    operationId: 'previewRedaction',
    request: { event: { ...event, data: { note: 'see CASE-77' } }, rule },
    answer: { event: { ...kept, data: { note: 'see [redacted:case-number]' } } },
  },
  'GET /v1/tenants/:tenant/schemas': {
    operationId: 'listSchemas',
    answer: { schemas: [schema] },
  },
  'GET /v1/tenants/:tenant/schemas/:action': { operationId: 'readSchema', answer: schema },
  'PUT /v1/tenants/:tenant/schemas/:action': {
    operationId: 'setSchema',
    request: schema.schema,
    answer: schema,
  },
  'DELETE /v1/tenants/:tenant/schemas/:action': { operationId: 'removeSchema' },
  'POST /v1/tenants/:tenant/schemas/:action/check': {
    operationId: 'checkSchema',
    request: { event },
    answer: { valid: true, errors: [] },
  },
  'GET /healthz': { operationId: 'readHealth', answer: { status: 'ok' } },
  'GET /readyz': {
    operationId: 'readReadiness',
    answer: { status: 'ready', version: '0.1.0', store: 'sqlite', queueBytes: 0, stopped: null },
  },
  'GET /metrics': {
    operationId: 'readMetrics',
    answer: '# TYPE indelible_ready gauge\nindelible_ready 1\n',
    media: 'text/plain',
  },
}
