import { createFilledFolder, startTestServer, type TestServer, tamper } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** An audit is of the lowest priority: each thread that computes beside it holds it up. */
const auditMsMax = 120_000

let filled: Awaited<ReturnType<typeof createFilledFolder>>
beforeAll(async () => {
  filled = await createFilledFolder()
})
afterAll(() => filled[Symbol.dispose]())

/** Starts an audit, and waits until it has ended. @returns how audits stand then */
async function audit(server: TestServer) {
  const before = (await server.ask('/v1/audits')).json.last?.ended
  expect((await server.ask('/v1/audits', { method: 'POST' })).status).toBe(202)
  await expect
    .poll(async () => (await server.ask('/v1/audits')).json.last?.ended, { timeout: auditMsMax })
    .not.toBe(before)
  return (await server.ask('/v1/audits')).json
}

const readRecords = async (server: TestServer) => {
  const path = '/v1/events?tenant=_system&q=action:audit.*&order=asc'
  const { entries } = (await server.ask(path)).json
  return entries.map(({ event }: { event: object }) => event)
}

async function makeKey(server: TestServer, scopes: string[], tenants: string[]) {
  const { key } = (await server.post('/v1/keys', { name: 'k', scopes, tenants })).json
  return { headers: { authorization: `Bearer ${key}` } }
}

const readMetric = async (server: TestServer, name: string) =>
  Number(
    new RegExp(`^indelible_audit_${name} (.*)$`, 'm').exec(
      (await server.ask('/metrics')).text,
    )?.[1],
  )

test('a sound service passes its own audit, and says so wherever it is asked', async () => {
  using folder = filled.copy()
  await using server = await startTestServer({ folder: folder.path })
  expect((await server.ask('/v1/audits')).json).toMatchObject({
    ...{ everyHours: 24, running: null, last: null, fault: null },
    next: expect.stringMatching(/^20\d\d-/),
  })
  expect([await readMetric(server, 'failed'), await readMetric(server, 'findings')]).toEqual([0, 0])
  const { last, running, next } = await audit(server)
  expect(running).toBeNull()
  expect(Date.parse(next)).toBe(Date.parse(last.ended) + 24 * 3_600_000)
  expect(last).toMatchObject({ ok: true, findings: 0, found: [] })
  expect(last.entries).toBeGreaterThan(900)
  expect(last.logs).toEqual(
    expect.arrayContaining([
      { tenant: 'default', size: 600, findings: 0, ok: true },
      { tenant: 'acme', size: 300, findings: 0, ok: true },
    ]),
  )
  expect(await readRecords(server)).toMatchObject([
    { action: 'audit.requested', actor: { type: 'root' }, outcome: 'success' },
    {
      action: 'audit.passed',
      actor: { id: 'indelible' },
      outcome: 'success',
      data: { findings: 0 },
    },
  ])
  expect(await readMetric(server, 'failed')).toBe(0)
  expect(await readMetric(server, 'last_end_timestamp_seconds')).toBe(
    Date.parse(last.ended) / 1_000,
  )
  expect((await server.ask('/readyz')).json.audit).toMatchObject({ findings: 0 })
})

test('an entry that was changed in the folder is found, told everywhere, and outlives a restart', async () => {
  using folder = filled.copy()
  {
    await using server = await startTestServer({ folder: folder.path })
    await audit(server)
    tamper(
      folder.path,
      `UPDATE entry SET data = '{"n":7000000}'
       WHERE idx = 7 AND log = (SELECT number FROM log WHERE tenant = 'acme')`,
    )
    const { last } = await audit(server)
    expect(last).toMatchObject({
      ok: false,
      findings: 1,
      found: [{ tenant: 'acme', index: 7, code: 'entry-changed' }],
    })
    expect(await readMetric(server, 'failed')).toBe(1)
    expect(await readMetric(server, 'findings')).toBe(1)
    // What is wrong is read by people: the service goes on answering them.
    const { status, json } = await server.ask('/readyz', { headers: { authorization: '' } })
    expect([status, json.audit.findings]).toEqual([200, 1])
  }
  await using server = await startTestServer({ folder: folder.path })
  expect((await server.ask('/v1/audits')).json.last).toMatchObject({ ok: false, findings: 1 })
  expect(await readMetric(server, 'failed')).toBe(1)
  expect((await readRecords(server)).at(-1)).toMatchObject({
    action: 'audit.failed',
    outcome: 'failure',
    targets: [{ type: 'tenant', id: 'acme' }],
    data: { findings: 1, found: [{ tenant: 'acme', index: 7, code: 'entry-changed' }] },
  })
})

test('who may read one log hears of that one; who administers less than all starts none', async () => {
  using folder = filled.copy()
  await using server = await startTestServer({ folder: folder.path })
  tamper(
    folder.path,
    `DELETE FROM entry
     WHERE idx = 7 AND log = (SELECT number FROM log WHERE tenant = 'acme')`,
  )
  await audit(server)
  const ofDefault = await makeKey(server, ['read'], ['default'])
  expect((await server.ask('/v1/audits', ofDefault)).json.last).toMatchObject({
    ...{ ok: true, entries: 600, findings: 0, found: [] },
    logs: [{ tenant: 'default', size: 600, findings: 0, ok: true }],
  })
  const ofAcme = await makeKey(server, ['read'], ['acme'])
  const { last } = (await server.ask('/v1/audits', ofAcme)).json
  expect(last).toMatchObject({ ok: false, entries: 300, logs: [{ tenant: 'acme', ok: false }] })
  expect(last.found[0]).toMatchObject({ tenant: 'acme', index: 7, code: 'entry-missing' })
  const link = { tenant: 'acme', filter: 'actor.id:u_1', ttl: 600 }
  const { token } = (await server.post('/v1/tokens', link)).json
  const viewer = { headers: { authorization: `Bearer ${token}` } }
  expect((await server.ask('/v1/audits', viewer)).json.last).toMatchObject({
    ...{ ok: false, found: [], logs: [{ tenant: 'acme', ok: false }] },
  })
  const nobody = await makeKey(server, ['append'], ['default'])
  expect((await server.ask('/v1/audits', nobody)).json.code).toBe('scope-insufficient')
  const narrow = await makeKey(server, ['admin', 'read'], ['acme'])
  for (const [path, method] of [
    ['/v1/audits', 'POST'],
    ['/v1/service', 'GET'],
  ] as const) {
    const answer = await server.ask(path, { ...narrow, method })
    expect([path, answer.json.code]).toEqual([path, 'scope-insufficient'])
  }
})

test('a service that is stopped stops in the middle of an audit, and appends go on during one', async () => {
  using folder = filled.copy()
  {
    await using server = await startTestServer({ folder: folder.path })
    await server.ask('/v1/audits', { method: 'POST' })
    const event = { action: 'a.b', actor: { id: 'u_1' } }
    expect((await server.post('/v1/events', event)).status).toBe(201)
  }
  await using server = await startTestServer({ folder: folder.path })
  expect((await server.ask('/v1/audits')).json).toMatchObject({ running: null, fault: null })
  expect((await audit(server)).last.ok).toBe(true)
})
