import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  parseHex,
  parseVerifierKey,
  verifyCheckpoint,
  verifyConsistency,
  verifyReceipt,
} from '@indelible/proof'
import { auditData } from '@indelible/server'
import {
  createFilledFolder,
  createTemporaryFolder,
  filledSizes,
  fillLogs,
  numberedEvents,
  startTestServer,
  type TestServer,
  tamper,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let filled: Awaited<ReturnType<typeof createFilledFolder>>
beforeAll(async () => {
  filled = await createFilledFolder()
})
afterAll(() => filled[Symbol.dispose]())

const readCheckpoint = async (server: TestServer) => {
  const { vkey } = (await server.ask('/v1/logs/default')).json
  const note = (await server.ask('/v1/logs/default/checkpoint')).text
  return { vkey, checkpoint: await verifyCheckpoint(note, [parseVerifierKey(vkey)]) }
}

const appendOne = (server: TestServer, tenant = 'default') =>
  server.post('/v1/events', numberedEvents(tenant, 1, 9_000)[0])

/** A folder whose log.db was put back to what it was 100 entries ago, its guard left in place. */
async function rollBack(): Promise<Disposable & { readonly path: string }> {
  const copy = filled.copy()
  const earlier = `${copy.path}.earlier.db`
  copyFileSync(join(copy.path, 'log.db'), earlier)
  {
    await using server = await startTestServer({ folder: copy.path })
    await server.post('/v1/events', numberedEvents('default', 100, filledSizes.default))
    await server.ask('/v1/events/default-699/receipt')
  }
  for (const suffix of ['-wal', '-shm']) rmSync(join(copy.path, `log.db${suffix}`), { force: true })
  copyFileSync(earlier, join(copy.path, 'log.db'))
  rmSync(earlier)
  return copy
}

test('a service on files that were rolled back signs nothing, appends nothing, and says so (R-05)', async () => {
  using copy = await rollBack()
  const audit = await auditData({ folder: copy.path })
  const found = audit.findings.find(({ tenant }) => tenant === 'default')
  expect(found).toMatchObject({ code: 'guard-ahead', index: 600, until: 700 })

  await using server = await startTestServer({ folder: copy.path })
  const ready = await server.ask('/readyz')
  expect(ready.status).toBe(503)
  const refusal = ready.json.signingRefusals.find(
    ({ tenant }: { tenant: string }) => tenant === 'default',
  )
  expect(refusal.reason).toMatch(/signed at size 700.*ends at 600.*rolled back/)

  const append = await appendOne(server)
  expect(append.json).toMatchObject({ status: 503, code: 'ledger-stopped' })
  expect(append.json.detail).toContain('rolled back')
  // The log that was not behind goes on.
  expect((await appendOne(server, 'acme')).status).toBe(201)
  // What was signed before can still be proved.
  const { vkey, checkpoint } = await readCheckpoint(server)
  expect(checkpoint.size).toBe(600)
  const receipt = await server.ask('/v1/events/default-41/receipt')
  await expect(verifyReceipt(receipt.json, [vkey])).resolves.toMatchObject({ index: 41 })
})

test('a service on a log that was forked signs nothing, appends nothing, and says so (R-06)', async () => {
  using copy = filled.copy()
  // The guard remembers another tree of the same size.
  tamper(
    copy.path,
    "UPDATE guard SET edge = zeroblob(length(edge)) WHERE tenant = 'default'",
    'guard.db',
  )
  await using server = await startTestServer({ folder: copy.path })
  const ready = await server.ask('/readyz')
  expect(ready.status).toBe(503)
  expect(JSON.stringify(ready.json.signingRefusals)).toContain('forked')
  expect((await appendOne(server)).json).toMatchObject({ status: 503, code: 'ledger-stopped' })
  const receipt = await server.ask('/v1/events/default-41/receipt')
  expect(receipt.status).toBe(200)
})

test('an entry changed before it was signed is never signed', async () => {
  using copy = filled.copy()
  tamper(copy.path, 'DELETE FROM guard', 'guard.db')
  tamper(
    copy.path,
    `DELETE FROM checkpoint; UPDATE entry SET data = '{"n":0}' WHERE data = '{"n":41}'`,
  )
  await using server = await startTestServer({ folder: copy.path })
  const ready = await server.ask('/readyz')
  expect(ready.status).toBe(503)
  expect(JSON.stringify(ready.json.signingRefusals)).toMatch(/Entry 41 is not what was appended/)
  // Asked once: `ask` would go on for as long as it is not signed.
  const { status } = await fetch(`${server.url}/v1/logs/default/checkpoint`, {
    headers: { authorization: `Bearer ${testRootKey}` },
  })
  expect(status).toBe(503)
})

test('a checkpoint that somebody saved exposes a log that was rewritten and signed anew (R-06)', async () => {
  using copy = filled.copy()
  let saved: Awaited<ReturnType<typeof readCheckpoint>>
  {
    await using server = await startTestServer({ folder: copy.path })
    saved = await readCheckpoint(server)
  }
  // Whoever holds the host and the seed rewrites the past: every row goes, and events come anew.
  tamper(copy.path, 'DELETE FROM guard', 'guard.db')
  tamper(
    copy.path,
    `DELETE FROM entry; DELETE FROM entry_id; DELETE FROM node; DELETE FROM checkpoint;
     UPDATE log SET size = 0, received = 0, edge = x''`,
  )
  await using server = await startTestServer({ folder: copy.path })
  await fillLogs(server)
  await server.post('/v1/events', numberedEvents('default', 1, 5_000))
  await server.ask('/v1/events/default-5000/receipt')
  const { checkpoint } = await readCheckpoint(server)
  expect(checkpoint.origin).toBe(saved.checkpoint.origin)
  const [from, to] = [saved.checkpoint.size, checkpoint.size]
  const proof = await server.ask(`/v1/logs/default/proofs/consistency?from=${from}&to=${to}`)
  const claim = {
    from,
    to,
    fromRoot: saved.checkpoint.root,
    toRoot: checkpoint.root,
    hashes: proof.json.hashes.map((hash: string) => parseHex(hash)),
  }
  expect(() => verifyConsistency(claim)).toThrow()
})

test('a second process on the folder is refused in one clear sentence, and the first goes on', async () => {
  using temporary = createTemporaryFolder()
  await using server = await startTestServer({ folder: join(temporary.path, 'data') })
  const program = `
    const { readConfig, startServer } = await import('@indelible/server')
    await startServer(readConfig(process.env)).catch((error) => {
      console.error(error.message)
      process.exit(3)
    })`
  const second = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, INDELIBLE_DATA: server.folder, INDELIBLE_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
  expect(code).toBe(3)
  expect(said).toContain(`Another Indelible process is writing to ${server.folder}.`)
  expect((await appendOne(server)).status).toBe(201)
})
