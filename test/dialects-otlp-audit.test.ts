import { createHash } from 'node:crypto'
import { startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { otlpClients } from './otlp/clients.ts'

/** OpenTelemetry's audit signal, as the draft of September 2026 has it. */
const server = await startTestServer({ config: { otlpAudit: true } })
afterAll(() => server[Symbol.asyncDispose]())

let tenants = 0
async function openTenant(scopes = ['append', 'read']) {
  const tenant = `audit-${tenants++}`
  const grant = { name: tenant, scopes, tenants: [tenant] }
  const headers = { authorization: `Bearer ${(await server.post('/v1/keys', grant)).json.key}` }
  return {
    headers,
    post: (body: unknown, more = {}) => server.post('/v1/audit', body, { ...headers, ...more }),
    events: async () => (await server.ask('/v1/events?order=asc', { headers })).json.entries,
    size: async () => (await server.ask(`/v1/logs/${tenant}`)).json.size ?? 0,
  }
}

const login = {
  'audit.record.id': 'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
  ...{ 'audit.actor.id': 'u8472', 'audit.actor.type': 'user', 'audit.action': 'LOGIN' },
  ...{
    'audit.outcome': 'success',
    'audit.target.id': '/api',
    'audit.target.type': 'http.endpoint',
  },
  ...{ 'audit.source.id': '203.0.113.42', 'audit.source.type': 'ipv4' },
}
const toAttributes = (texts: Record<string, string>) =>
  Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }))
const toRecord = (texts: Record<string, string>, more = {}) => ({
  ...{ timeUnixNano: '1714041600000000001', observedTimeUnixNano: '1714041600001000000' },
  ...{ eventName: 'user.login.success', attributes: toAttributes(texts), ...more },
})
const toRequest = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

/** The canonical JSON of the record above, written down by hand. */
const canonical = [
  '{"Attributes":{"audit.action":{"stringValue":"LOGIN"},"audit.actor.id":{"stringValue":"u8472"}',
  ',"audit.actor.type":{"stringValue":"user"},"audit.outcome":{"stringValue":"success"}',
  ',"audit.record.id":{"stringValue":"a1b2c3d4-e5f6-4890-abcd-ef1234567890"}',
  ',"audit.source.id":{"stringValue":"203.0.113.42"},"audit.source.type":{"stringValue":"ipv4"}',
  ',"audit.target.id":{"stringValue":"/api"},"audit.target.type":{"stringValue":"http.endpoint"}',
  ',"n":{"intValue":7},"rate":{"doubleValue":1}},"Body":{"kvlistValue":{"values":[{"key":"x","value":',
  '{"intValue":"9007199254740993"}}]}},"EventName":"user.login.success"',
  ',"ObservedTimestamp":"1714041600001000000","Timestamp":"1714041600000000001"}',
].join('')
const typed = [
  { key: 'n', value: { intValue: '7' } },
  { key: 'rate', value: { doubleValue: 1 } },
]
const body = {
  kvlistValue: { values: [{ key: 'x', value: { intValue: '9007199254740993' } }] },
}

describe('a record', () => {
  test('is kept, and answered with a receipt whose hash its sender can compute', async () => {
    const tenant = await openTenant()
    const attributes = [...typed, ...toAttributes(login)]
    const request = toRequest(toRecord(login, { attributes, body }))
    const first = await tenant.post(request)
    const [entry] = await tenant.events()
    expect([first.status, first.json]).toEqual([
      200,
      {
        record_id: login['audit.record.id'],
        status: 'delivered_all_sinks',
        integrity_hash: createHash('sha256').update(canonical).digest('hex'),
        sink_timestamp: `${Date.parse(entry.received)}000000`,
        verify_status: 'deferred',
        sink_status_map: { indelible: expect.objectContaining({ sink_ack_id: entry.hash }) },
      },
    ])
    expect(entry.event).toMatchObject({
      ...{ id: login['audit.record.id'], action: 'user.login.success', outcome: 'success' },
      actor: { type: 'user', id: 'u8472' },
      targets: [{ type: 'http.endpoint', id: '/api' }],
      context: { dialect: 'otlp-audit', ip: '203.0.113.42' },
    })
    expect((await tenant.post(request)).json).toEqual(first.json)
    const other = await tenant.post(toRequest(toRecord({ ...login, 'audit.actor.id': 'u2' })))
    expect([other.status, other.json.code, other.json.status]).toEqual([
      ...[409, 6, 'rejected_schema_invalid'],
    ])
    expect(await tenant.size()).toBe(1)
  })

  test('that something was redacted of has the hash of what is left', async () => {
    const tenant = await openTenant()
    const secret = { ...login, password: 'hunter2-hunter2' }
    const { json } = await tenant.post(toRequest(toRecord(secret)))
    const [{ event }] = await tenant.events()
    const { password } = event.data.attributes
    expect(password).not.toContain('hunter2')
    const hashOf = (texts: Record<string, string>) => {
      const names = Object.keys(texts).toSorted()
      const Attributes = Object.fromEntries(
        names.map((name) => [name, { stringValue: texts[name] }]),
      )
      const times = {
        ObservedTimestamp: '1714041600001000000',
        Timestamp: '1714041600000000001',
      }
      const record = { Attributes, EventName: 'user.login.success', ...times }
      return createHash('sha256').update(JSON.stringify(record)).digest('hex')
    }
    expect(json.integrity_hash).toBe(hashOf({ ...secret, password }))
    expect(json.integrity_hash).not.toBe(hashOf(secret))
  })

  test('without what the draft demands is refused, and its batch with it', async () => {
    const tenant = await openTenant()
    const at = '/resourceLogs/0/scopeLogs/0/logRecords/1'
    const without = (name: string) =>
      Object.fromEntries(Object.entries(login).filter(([key]) => key !== name))
    for (const [bad, field] of [
      ...Object.keys(login)
        .slice(0, 5)
        .map((name) => [toRecord(without(name)), `${at}/attributes`] as const),
      [toRecord({ ...login, 'audit.actor.type': 'robot' }), `${at}/attributes`],
      [toRecord({ ...login, 'audit.outcome': 'denied' }), `${at}/attributes`],
      [toRecord(login, { eventName: '' }), `${at}/eventName`],
      [toRecord(login, { timeUnixNano: '0' }), `${at}/timeUnixNano`],
      [toRecord(login, { timeUnixNano: '1714041600001000001' }), `${at}/timeUnixNano`],
      [toRecord(login, { observedTimeUnixNano: undefined }), `${at}/observedTimeUnixNano`],
    ] as const) {
      const fine = toRecord({ ...login, 'audit.record.id': 'fine' })
      const { status, json } = await tenant.post(toRequest(fine, bad))
      expect([status, json.status], field).toEqual([400, 'rejected_schema_invalid'])
      expect(json.details[0].fieldViolations[0].field).toBe(field)
      expect(json.reason).toContain(field)
    }
    expect(await tenant.size()).toBe(0)
  })
})

test('a batch is answered by record, the same when it is sent again', async () => {
  const tenant = await openTenant()
  const records = ['r-1', 'r-2'].map((id) => toRecord({ ...login, 'audit.record.id': id }))
  const first = await tenant.post(toRequest(...records))
  expect(first.json).toMatchObject({
    ...{ batch_id: expect.any(String), status: 'delivered_all_sinks' },
    record_status_map: {
      'r-1': { record_id: 'r-1', status: 'delivered_all_sinks' },
      'r-2': { record_id: 'r-2', status: 'delivered_all_sinks' },
    },
  })
  expect((await tenant.post(toRequest(...records))).json).toEqual(first.json)
  expect(await tenant.size()).toBe(2)
})

test('a receipt is for who may read, and strangers are told so', async () => {
  const writer = await openTenant(['append'])
  expect((await writer.post(toRequest(toRecord(login)))).status).toBe(403)
  const stranger = await writer.post(toRequest(), { authorization: 'Bearer wrong' })
  expect([stranger.status, stranger.json.status]).toEqual([401, 'rejected_authz'])
  expect(await writer.size()).toBe(0)
})

test.each(otlpClients)('$name delivers there, too', async ({ open }) => {
  const tenant = await openTenant()
  await using client = open({ url: server.url, headers: tenant.headers, path: '/v1/audit' })
  client.emit({ eventName: 'user.login', attributes: login })
  client.emit({ eventName: 'user.login', attributes: { ...login, 'audit.record.id': 'second' } })
  expect(await client.flush()).toMatchObject([{ code: 0 }])
  expect(await tenant.size()).toBe(2)
})

test('without the setting nobody listens', async () => {
  await using plain = await startTestServer()
  expect((await plain.post('/v1/audit', toRequest(toRecord(login)))).json.code).toBe(
    'route-unknown',
  )
})
