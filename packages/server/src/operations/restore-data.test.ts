import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { verifyReceipt } from '@indelible/proof'
import { auditData, backupData, restoreData } from '@indelible/server'
import {
  createFilledFolder,
  createTemporaryFolder,
  filledSizes,
  numberedEvents,
  startTestServer,
  tamper,
} from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A data folder whose log went on after its backup was taken. */
interface Story extends Disposable {
  readonly folder: string
  readonly backup: string
  /** A receipt of before the backup, and one of after it, with the log's key. */
  readonly early: { receipt: unknown; vkey: string }
  readonly late: { receipt: unknown; vkey: string }
}

let story: Story
beforeAll(async () => {
  const filled = await createFilledFolder()
  const backup = join(filled.folder, '..', 'backup')
  await using server = await startTestServer({ folder: filled.folder })
  const { vkey } = (await server.ask('/v1/logs/default')).json
  const receiptOf = async (id: string) => ({
    receipt: (await server.ask(`/v1/events/${id}/receipt`)).json,
    vkey,
  })
  const early = await receiptOf('default-41')
  await backupData({ folder: server.folder, target: backup })
  await server.post('/v1/events', numberedEvents('default', 100, filledSizes.default))
  await server.post('/v1/events', numberedEvents('late', 3))
  await server.ask('/v1/events/late-2/receipt?tenant=late')
  const late = await receiptOf('default-650')
  await server.stop()
  const dispose = () => filled[Symbol.dispose]()
  story = { folder: filled.folder, backup, early, late, [Symbol.dispose]: dispose }
})
afterAll(() => story[Symbol.dispose]())

/** A copy of the folder as the service left it, to restore into. */
function copyFolder() {
  const temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  cpSync(story.folder, folder, { recursive: true })
  return { folder, [Symbol.dispose]: () => temporary[Symbol.dispose]() }
}

/** A new folder that holds nothing but the seed. */
function seededFolder() {
  const copy = copyFolder()
  const seed = readFileSync(join(copy.folder, 'seed'))
  rmSync(copy.folder, { recursive: true })
  mkdirSync(copy.folder)
  writeFileSync(join(copy.folder, 'seed'), seed, { mode: 0o600 })
  return copy
}

/** What lies in a folder; a WAL and its index come and go with every reader. */
const readAll = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/^writer\.lock|-(wal|shm)$/.test(entry.name))
      .map(({ name }) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )

test('the newest copy, adopted knowingly, serves and signs on; old receipts verify, and new ones', async () => {
  using target = seededFolder()
  const { backup, early } = story
  const report = await restoreData({ backup, folder: target.folder, adoptGuard: true })
  expect(report.logs).toContainEqual(
    expect.objectContaining({ tenant: 'default', size: filledSizes.default }),
  )
  await using server = await startTestServer({ folder: target.folder })
  const [event] = numberedEvents('default', 1, 5_000)
  expect((await server.post('/v1/events', event)).status).toBe(201)
  const receipt = await server.ask('/v1/events/default-5000/receipt')
  await expect(verifyReceipt(receipt.json, [early.vkey])).resolves.toMatchObject({
    index: filledSizes.default,
  })
  await expect(verifyReceipt(early.receipt, [early.vkey])).resolves.toMatchObject({ index: 41 })
  const old = await server.ask('/v1/events/default-41/receipt')
  expect(old.status).toBe(200)
  expect((await auditData({ folder: target.folder })).findings).toEqual([])
})

test('a copy whose age nobody can tell is refused until somebody vouches for it', async () => {
  using target = seededFolder()
  const restore = restoreData({ backup: story.backup, folder: target.folder })
  await expect(restore).rejects.toThrow(/no guard.*--adopt-guard.*--new-generation/s)
  expect(existsSync(join(target.folder, 'log.db'))).toBe(false)
})

test('an older copy is refused with both sizes, and changes nothing, also where it is adopted (C-03)', async () => {
  using target = copyFolder()
  rmSync(join(target.folder, 'log.db'))
  const before = readAll(target.folder)
  for (const adoptGuard of [false, true]) {
    const restore = restoreData({ backup: story.backup, folder: target.folder, adoptGuard })
    await expect(restore).rejects.toThrow(/default.*size 700.*ends at 600.*--new-generation/s)
  }
  expect(readAll(target.folder)).toEqual(before)
})

test('a copy that would lose entries which no checkpoint covers yet is refused', async () => {
  using target = copyFolder()
  tamper(target.folder, 'DELETE FROM guard', 'guard.db')
  const restore = restoreData({ backup: story.backup, folder: target.folder, adoptGuard: true })
  await expect(restore).rejects.toThrow(/holds 700 entries and the backup 600/)
})

test('a damaged log is replaced by a copy that is not behind, and set aside', async () => {
  using target = copyFolder()
  using temporary = createTemporaryFolder()
  const backup = join(temporary.path, 'newest')
  await backupData({ folder: target.folder, target: backup })
  writeFileSync(join(target.folder, 'log.db'), 'a disk’s last words')
  const { replaced } = await restoreData({ backup, folder: target.folder })
  expect(readFileSync(join(replaced ?? '', 'log.db'), 'utf8')).toBe('a disk’s last words')
  expect((await auditData({ folder: target.folder })).findings).toEqual([])
  await using server = await startTestServer({ folder: target.folder })
  expect((await server.ask('/readyz')).status).toBe(200)
  expect((await server.ask('/v1/events?actor.id=u_699')).json.entries).toHaveLength(1)
})

test('a folder that a service holds is refused', async () => {
  using target = copyFolder()
  await using _ = await startTestServer({ folder: target.folder })
  const restore = restoreData({ backup: story.backup, folder: target.folder, newGeneration: true })
  await expect(restore).rejects.toThrow('Another Indelible process is writing to')
})

test('a tampered backup is refused, and so is a folder without a manifest (C-03)', async () => {
  using target = seededFolder()
  using temporary = createTemporaryFolder()
  const backup = join(temporary.path, 'backup')
  cpSync(story.backup, backup, { recursive: true })
  tamper(backup, `UPDATE entry SET data = '{"n":0}' WHERE idx = 50`)
  const options = { backup, folder: target.folder, adoptGuard: true }
  await expect(restoreData(options)).rejects.toThrow(/does not pass its audit.*Entry 50/)
  rmSync(join(backup, 'backup.json'))
  await expect(restoreData(options)).rejects.toThrow('is no whole backup')
})

test('another seed than the one the logs were signed with is found before anything is changed (C-03)', async () => {
  using target = seededFolder()
  writeFileSync(join(target.folder, 'seed'), new Uint8Array(32).fill(3))
  const options = { backup: story.backup, folder: target.folder, adoptGuard: true }
  await expect(restoreData(options)).rejects.toThrow(/derived from the seed/)
})

test('a new generation keeps the old logs readable, goes on under new origins, and is ready', async () => {
  using target = copyFolder()
  const { backup, early, late } = story
  await restoreData({ backup, folder: target.folder, newGeneration: true })
  expect((await auditData({ folder: target.folder })).findings).toEqual([])

  await using server = await startTestServer({ folder: target.folder })
  expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
  const old = (await server.ask('/v1/logs/default.1')).json
  const fresh = (await server.ask('/v1/logs/default')).json
  expect(old).toMatchObject({ size: filledSizes.default, vkey: early.vkey })
  expect(fresh.origin).not.toBe(old.origin)

  // The first entry says what was left, and how far the old log was once signed.
  const { entries } = (await server.ask('/v1/events?order=asc&limit=1')).json
  expect(entries).toMatchObject([{ index: 0, type: 'continuation' }])
  const [continued] = entries[0].event.continues
  expect(continued).toMatchObject({
    tenant: 'default.1',
    origin: old.origin,
    size: filledSizes.default,
    root: old.root,
    signed: { size: filledSizes.default + 100 },
  })
  // The replaced log.db could still be read: its checkpoint is the last known.
  expect(continued.checkpoint).toMatch(`${old.origin}\n${filledSizes.default + 100}\n`)

  // Old entries are found under the old log's name, and nowhere else.
  const found = await server.ask('/v1/events?tenant=default.1&actor.id=u_41')
  expect(found.json.entries).toMatchObject([{ tenant: 'default.1', index: 41 }])
  expect((await server.ask('/v1/events?actor.id=u_41')).json.entries).toEqual([])
  // Evidence of before the backup is served again; what was lost keeps its own.
  const again = await server.ask('/v1/events/default-41/receipt?tenant=default.1')
  await expect(verifyReceipt(again.json, [early.vkey])).resolves.toMatchObject({ index: 41 })
  await expect(verifyReceipt(late.receipt, [late.vkey])).resolves.toMatchObject({ index: 650 })
})

test('after a new generation an event sent again is kept once, and a lost one is taken anew', async () => {
  using target = copyFolder()
  await restoreData({ backup: story.backup, folder: target.folder, newGeneration: true })
  await using server = await startTestServer({ folder: target.folder })
  const [kept] = numberedEvents('default', 1, 41)
  const repeat = await server.post('/v1/events', kept)
  expect(repeat.json).toMatchObject({ duplicate: true, tenant: 'default.1', index: 41 })
  const [lost] = numberedEvents('default', 1, 650)
  expect((await server.post('/v1/events', lost)).json).toMatchObject({
    tenant: 'default',
    index: 1,
  })
  const [changed] = numberedEvents('default', 1, 42)
  const conflict = await server.post('/v1/events', { ...changed, action: 'else' })
  expect(conflict.json.code).toBe('idempotency-conflict')
  // The log of a tenant that was made after the backup begins with what is known of the lost one.
  const first = (await server.ask('/v1/events?tenant=late&order=asc&limit=1')).json.entries[0]
  expect(first.event.continues).toMatchObject([{ tenant: 'late.1', size: 0, signed: { size: 3 } }])
  await server.stop()
  expect((await auditData({ folder: target.folder })).findings).toEqual([])
})

test('nothing is appended to a log that has ended', async () => {
  using target = copyFolder()
  await restoreData({ backup: story.backup, folder: target.folder, newGeneration: true })
  await using server = await startTestServer({ folder: target.folder })
  const answer = await server.post('/v1/events', {
    action: 'a',
    actor: { id: 'x' },
    tenant: 'default.1',
  })
  expect(answer.json).toMatchObject({ status: 409, code: 'resource-conflict' })
})

test('an ended log that was changed afterwards contradicts the log that continues it', async () => {
  using target = copyFolder()
  await restoreData({ backup: story.backup, folder: target.folder, newGeneration: true })
  tamper(target.folder, `UPDATE log SET origin = origin || 'x' WHERE tenant = 'default.1'`)
  const codes = (await auditData({ folder: target.folder })).findings.map(({ code }) => code)
  expect(codes).toContain('log-succession-broken')
})

test('a second new generation follows on the first, and a name that is taken is left alone', async () => {
  using target = copyFolder()
  using temporary = createTemporaryFolder()
  {
    await using server = await startTestServer({ folder: target.folder })
    await server.post('/v1/events', numberedEvents('default.2', 2))
  }
  const { folder } = target
  for (const name of ['one', 'two']) {
    const backup = join(temporary.path, name)
    await backupData({ folder, target: backup })
    await restoreData({ backup, folder, newGeneration: true })
  }
  const { logs, findings } = await auditData({ folder })
  expect(findings).toEqual([])
  const names = logs.map(({ tenant }) => tenant).filter((tenant) => tenant.startsWith('default'))
  expect(names).toEqual([
    'default',
    'default.1',
    'default.2',
    'default.2.1',
    'default.2.2',
    'default.2.2.2',
  ])
})
