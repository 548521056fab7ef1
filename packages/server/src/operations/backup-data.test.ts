import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseVerifierKey, verifyCheckpoint } from '@indelible/proof'
import { auditData, backupData } from '@indelible/server'
import {
  createFilledFolder,
  createTemporaryFolder,
  fillLogs,
  numberedEvents,
  startTestServer,
} from '@indelible/testkit'
import { expect, test } from 'vitest'

test('a backup taken while events are appended passes its audit, and holds all that was acknowledged before', async () => {
  await using server = await startTestServer()
  using temporary = createTemporaryFolder()
  await fillLogs(server)
  const before = (await server.ask('/v1/logs/default')).json
  let isDone = false
  let from = 1_000
  const load = async () => {
    while (!isDone) {
      const { status } = await server.post('/v1/events', numberedEvents('default', 50, from))
      expect(status).toBe(201)
      from += 50
    }
  }
  const loads = load()
  const target = join(temporary.path, 'backup')
  const manifest = await backupData({ folder: server.folder, target })
  isDone = true
  await loads

  const audit = await auditData({ folder: target })
  expect(audit.findings).toEqual([])
  expect(audit.logs).toEqual(
    manifest.logs.map(({ tenant, origin, size, root }) => ({ tenant, origin, size, root })),
  )
  const kept = manifest.logs.find(({ tenant }) => tenant === 'default')
  expect(kept?.size).toBeGreaterThanOrEqual(before.size)
  const checkpoint = await verifyCheckpoint(kept?.checkpoint ?? '', [parseVerifierKey(before.vkey)])
  expect(checkpoint.origin).toBe(before.origin)
})

test('a backup holds neither guard nor index, and the seed only where it was asked for', async () => {
  await using server = await startTestServer()
  using temporary = createTemporaryFolder()
  await fillLogs(server)
  const [plain, whole] = [join(temporary.path, 'plain'), join(temporary.path, 'whole')]
  await backupData({ folder: server.folder, target: plain })
  await backupData({ folder: server.folder, target: whole, includeSeed: true })
  for (const name of ['guard.db', 'index.db', 'seed']) {
    expect(existsSync(join(plain, name)), name).toBe(false)
  }
  expect(readFileSync(join(whole, 'seed'))).toEqual(readFileSync(join(server.folder, 'seed')))
  expect(statSync(join(whole, 'seed')).mode & 0o777).toBe(0o600)
})

test('a manifest that does not describe the log beside it is found by an audit of the backup', async () => {
  using filled = await createFilledFolder()
  const target = join(filled.folder, 'backup')
  await backupData({ folder: filled.folder, target })
  const codes = async () => (await auditData({ folder: target })).findings.map(({ code }) => code)
  expect(await codes()).toEqual([])
  const path = join(target, 'backup.json')
  const manifest = readFileSync(path, 'utf8')
  for (const changed of [manifest.replace('"size": 300', '"size": 301'), manifest.slice(0, -9)]) {
    writeFileSync(path, changed)
    expect(await codes()).toEqual(['manifest-changed'])
  }
})

test('a folder that holds anything is refused as a target, and left as it was', async () => {
  await using server = await startTestServer()
  using temporary = createTemporaryFolder()
  writeFileSync(join(temporary.path, 'log.db'), 'precious')
  const backup = backupData({ folder: server.folder, target: temporary.path })
  await expect(backup).rejects.toThrow('is not empty')
  expect(readFileSync(join(temporary.path, 'log.db'), 'utf8')).toBe('precious')
})

test('an aborted backup leaves no manifest, so nobody takes it for a backup', async () => {
  await using server = await startTestServer()
  using temporary = createTemporaryFolder()
  const target = join(temporary.path, 'backup')
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(backupData({ folder: server.folder, target, signal })).rejects.toThrow('enough')
  expect(existsSync(join(target, 'backup.json'))).toBe(false)
})
