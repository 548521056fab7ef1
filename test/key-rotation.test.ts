import { join } from 'node:path'
import {
  followSuccessions,
  parseVerifierKey,
  verifyCheckpoint,
  verifyReceipt,
} from '@indelible/proof'
import { auditData, backupData, copyData } from '@indelible/server'
import {
  createTemporaryFolder,
  createTestSeed,
  startPostgres,
  startTestServer,
  type TestServer,
  tamper,
  testAdminPassword,
} from '@indelible/testkit'
import { expect, test } from 'vitest'

const readLog = async (server: TestServer, tenant = 'default') =>
  (await server.ask(`/v1/logs/${tenant}`)).json
const readCheckpoint = async (server: TestServer, tenant = 'default') =>
  (await server.ask(`/v1/logs/${tenant}/checkpoint`)).text
const readReceipt = async (server: TestServer, id: string) =>
  (await server.ask(`/v1/events/${id}/receipt`)).json
const append = (server: TestServer, id: string) =>
  server.post('/v1/events', { id, action: 'a.b', actor: { id: 'u_1' } })
const rotate = (server: TestServer, body: object = {}, tenant = 'default') =>
  server.post(`/v1/logs/${tenant}/key`, body)
const isSignedBy = (note: string, vkey: string): Promise<boolean> =>
  verifyCheckpoint(note, [parseVerifierKey(vkey)]).then(
    () => true,
    () => false,
  )
const successionsOf = (log: { formerKeys: { succession: string }[] }) =>
  log.formerKeys.map(({ succession }) => succession)

test('after a rotation the new key signs and the former one beside it, which vouches for it', async () => {
  await using server = await startTestServer()
  await append(server, 'e-1')
  const before = await readLog(server)
  const old = await readReceipt(server, 'e-1')
  expect(before).not.toHaveProperty('formerKeys')

  const rotated = await rotate(server)
  expect(rotated.status).toBe(201)
  const after = await readLog(server)
  expect(after).toMatchObject({ origin: before.origin, vkey: rotated.json.vkey })
  expect(after.vkey).not.toBe(before.vkey)
  expect(after.formerKeys).toMatchObject([{ vkey: before.vkey, signs: true }])

  // Without any growth of the log it is signed anew.
  await expect.poll(async () => isSignedBy(await readCheckpoint(server), after.vkey)).toBe(true)
  expect(await isSignedBy(await readCheckpoint(server), before.vkey)).toBe(true)
  await append(server, 'e-2')
  const receipt = await readReceipt(server, 'e-2')
  for (const vkey of [before.vkey, after.vkey]) {
    expect(await verifyReceipt(receipt, [vkey])).toMatchObject({ index: 1 })
  }
  expect(await verifyReceipt(old, [before.vkey])).toMatchObject({ index: 0 })
  const way = await followSuccessions(before.vkey, successionsOf(after))
  expect(way).toEqual([before.vkey, after.vkey])

  const { json } = await server.ask('/v1/events?tenant=_system&action=log.key-rotated')
  expect(json.entries[0].event).toMatchObject({
    actor: { type: 'root' },
    targets: [{ type: 'tenant', id: 'default' }],
    data: { origin: before.origin, vkey: after.vkey, succession: after.formerKeys[0].succession },
  })
})

test('a revoked key signs no more; what it signed still verifies with it', async () => {
  await using server = await startTestServer()
  await append(server, 'e-1')
  const { vkey: first } = await readLog(server)
  const old = await readReceipt(server, 'e-1')
  await rotate(server)
  await rotate(server, { revoke: true })
  const { vkey, formerKeys } = await readLog(server)
  expect(formerKeys.map(({ signs }: { signs: boolean }) => signs)).toEqual([false, false])
  await expect.poll(async () => isSignedBy(await readCheckpoint(server), vkey)).toBe(true)
  expect(await isSignedBy(await readCheckpoint(server), first)).toBe(false)
  expect(await isSignedBy(await readCheckpoint(server), formerKeys[1].vkey)).toBe(false)
  expect(await verifyReceipt(old, [first])).toMatchObject({ index: 0 })
  const way = await followSuccessions(first, successionsOf({ formerKeys }))
  expect(way.at(-1)).toBe(vkey)
})

test('what was rotated starts again, is backed up, passes its audit, and was pinned before', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  const server = await startTestServer({ folder })
  await append(server, 'e-1')
  const { vkey: first } = await readLog(server)
  for (const tenant of ['_system', 'default']) await rotate(server, {}, tenant)
  await append(server, 'e-2')
  const { vkey } = await readLog(server)
  await server.stop()
  const restarted = await startTestServer({ folder })
  await append(restarted, 'e-3')
  expect(await verifyReceipt(await readReceipt(restarted, 'e-3'), [vkey])).toMatchObject({
    index: 2,
  })
  const target = join(temporary.path, 'backup')
  await backupData({ folder, target })
  await restarted.stop()
  const { findings } = await auditData({ folder: target, pinnedKeys: [first] })
  expect(findings).toEqual([])
  expect((await auditData({ folder, pinnedKeys: [vkey] })).findings).toEqual([])
  expect((await auditData({ folder })).findings).toEqual([])
})

test('an audit finds whatever was done to the former keys in the database', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  const server = await startTestServer({ folder })
  await append(server, 'e-1')
  await rotate(server)
  const { vkey, formerKeys } = await readLog(server)
  await server.stop()
  const [told] = formerKeys
  const former = { ...told, ended: Date.parse(told.ended) }
  const theirs = vkey.replace(/.{4}$/, 'AAA=')
  const other = { ...former, succession: former.succession.replace(vkey, theirs) }
  for (const [kept, detail] of [
    [[{ ...former, vkey: theirs }], 'not the one derived from the seed'],
    [[other], 'do not lead'],
    [[{ ...former, ended: former.ended + 1 }], 'other former keys'],
    [[{ ...former, signs: false }], 'other former keys'],
    [null, 'other former keys'],
  ] as const) {
    const text = kept === null ? 'NULL' : `'${JSON.stringify(kept)}'`
    tamper(folder, `UPDATE log SET former_keys = ${text} WHERE tenant = 'default'`)
    const { findings } = await auditData({ folder })
    const changed = { code: 'key-changed', detail: expect.stringContaining(detail) }
    expect(findings).toContainEqual({ ...changed, tenant: 'default' })
  }
  tamper(
    folder,
    `UPDATE log SET former_keys = '${JSON.stringify([former])}' WHERE tenant = 'default'`,
  )
  expect((await auditData({ folder })).findings).toEqual([])
})

test('only an administrator of everything rotates; a log that is not there has no key', async () => {
  await using server = await startTestServer()
  await append(server, 'e-1')
  const grant = { name: 'k', scopes: ['admin', 'read'], tenants: ['default'] }
  const { key } = (await server.post('/v1/keys', grant)).json
  const as = { authorization: `Bearer ${key}` }
  expect((await server.post('/v1/logs/default/key', {}, as)).status).toBe(403)
  expect((await server.post('/v1/token-key', {}, as)).status).toBe(403)
  expect((await server.ask('/v1/token-key', { headers: as })).status).toBe(403)
  expect((await rotate(server, {}, 'nobody')).json.code).toBe('log-unknown')
  expect((await rotate(server, { revok: true })).status).toBe(422)
})

test('tokens of a former key are good until it is revoked, then refused at once, streams too (A-11)', async () => {
  await using server = await startTestServer()
  const logIn = async () => {
    const credentials = { username: 'admin', password: testAdminPassword }
    const { token } = (await server.post('/v1/login', credentials, { authorization: '' })).json
    return { authorization: `Bearer ${token}` }
  }
  const isGood = async (headers: Record<string, string>) =>
    (await server.ask('/v1/session', { headers })).status === 200
  await append(server, 'e-1')
  const first = await logIn()
  const made = await server.post('/v1/token-key', {})
  expect(made.json).toMatchObject({ generation: 2, former: [{ generation: 1 }] })
  const second = await logIn()
  expect([await isGood(first), await isGood(second)]).toEqual([true, true])

  const stream = await fetch(`${server.url}/v1/stream`, { headers: second })
  const reader = stream.body?.getReader()
  await reader?.read()
  expect((await server.post('/v1/token-key', { revoke: true })).json).toMatchObject({
    generation: 3,
    former: [],
  })
  expect([await isGood(first), await isGood(second)]).toEqual([false, false])
  while ((await reader?.read())?.done === false);
  expect(await isGood(await logIn())).toBe(true)
  expect((await server.ask('/v1/token-key')).json).toMatchObject({ generation: 3 })
})

test('nodes of one database go over together, and a copy has the keys that the source has', async () => {
  await using postgres = await startPostgres()
  using temporary = createTemporaryFolder()
  const databaseUrl = await postgres.createDatabase()
  const seedFile = createTestSeed(temporary.path)
  const config = { databaseUrl, seedFile, drainMs: 0 }
  const start = () => startTestServer({ folder: temporary.path, config })
  const nodes = [await start(), await start()] as const
  const [one, other] = nodes
  await append(one, 'e-1')
  const { vkey: first } = await readLog(other)
  expect((await rotate(other)).status).toBe(201)
  const { vkey } = await readLog(one)
  await expect.poll(async () => isSignedBy(await readCheckpoint(one), vkey)).toBe(true)
  await append(one, 'e-2')
  const receipt = await readReceipt(other, 'e-2')
  for (const key of [first, vkey]) expect(await verifyReceipt(receipt, [key])).toBeDefined()

  const credentials = { username: 'admin', password: testAdminPassword }
  const { token } = (await one.post('/v1/login', credentials, { authorization: '' })).json
  const headers = { authorization: `Bearer ${token}` }
  expect((await other.ask('/v1/session', { headers })).status).toBe(200)
  await other.post('/v1/token-key', { revoke: true })
  await expect.poll(async () => (await one.ask('/v1/session', { headers })).status).toBe(401)
  for (const node of nodes) await node.stop()

  const store = { store: databaseUrl }
  expect((await auditData({ ...store, seedFile })).findings).toEqual([])
  expect((await auditData({ ...store, pinnedKeys: [first] })).findings).toEqual([])
  const folder = join(temporary.path, 'copy')
  await copyData({ from: store, to: { folder }, seedFile })
  expect((await auditData({ folder, seedFile })).findings).toEqual([])
  await using copied = await startTestServer({ folder, config: { seedFile } })
  expect(await readLog(copied)).toMatchObject({ vkey, formerKeys: [{ vkey: first }] })
})
