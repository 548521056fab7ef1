import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer, type TestServer, testRootKey } from '@indelible/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitCodes } from './core/exit-codes.ts'
import { Failure } from './core/failure.ts'
import { launch, launcher, startServiceProcess } from './testing/launch.ts'
import { type Captured, runCaptured } from './testing/run-captured.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'indelible-cli-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

type Run = (words: readonly string[], stdin?: string) => Promise<Captured>
const against =
  (server: Pick<TestServer, 'url'>, key = testRootKey): Run =>
  (words, stdin) => {
    const environment = { INDELIBLE_URL: server.url, INDELIBLE_ROOT_KEY: key, INDELIBLE_KEY: '' }
    return runCaptured(words, stdin === undefined ? { environment } : { environment, stdin })
  }

/** Output lines as JSON values. */
const values = ({ stdout }: Captured) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

async function readVerifierKey(run: Run, tenant: string): Promise<string> {
  const [log] = values(await run(['tenants', 'show', tenant, '--json']))
  return log.vkey
}

test('what is sent is found, shown, and proved offline; what was altered is not', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const flags = ['--actor', 'u_1', '--target', 'invoice:42', '--data', 'plan=pro', '--id', 'e-1']
  const sent = await run(['send', 'invoice.paid', ...flags, '--json'])
  const again = await run(['send', 'invoice.paid', ...flags, '--json'])
  const [head] = values(sent)
  expect(values(again)[0]).toEqual({ ...head, duplicate: true })

  const found = await run(['search', 'target:42', '-outcome:failure', '--json'])
  expect(values(found)).toMatchObject([{ hash: head.hash, event: { id: 'e-1' } }])

  const file = join(folder, 'receipt.json')
  const shown = await run(['show', 'e-1', '--receipt', file])
  expect(shown.stdout).toContain('invoice:42')
  const key = await readVerifierKey(run, 'default')
  const verified = await run(['verify', file, '--key', key])
  expect(verified.stdout).toContain('Verified: entry 0 of')
  expect(verified.code).toBe(0)

  await writeFile(file, (await readFile(file, 'utf8')).replace('u_1', 'u_2'))
  expect((await run(['verify', file, '--key', key])).code).toBe(1)
})

test('events on stdin are taken as one object, an array, or lines', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const event = (action: string) => JSON.stringify({ action, actor: { id: 'u' } })
  expect(values(await run(['send', '--json'], event('a.1')))).toHaveLength(1)
  expect(values(await run(['send', '--json'], `[${event('a.2')},${event('a.3')}]`))).toHaveLength(2)
  expect(values(await run(['send', '--json'], `${event('a.4')}\n${event('a.5')}\n`))).toHaveLength(
    2,
  )
  const faulty = await run(['send'], '{"action":"a"}')
  expect(faulty.code).toBe(2)
  expect(faulty.stderr).toContain('/actor')
})

test('imported CloudTrail answers an auditor’s questions, and twice adds nothing', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const sample = join(import.meta.dirname, '../../testkit/samples/cloudtrail.ndjson')
  const state = ['--state', join(folder, 'state'), '--refused', join(folder, 'refused')]
  const words = ['import', '--from', 'cloudtrail', sample, '--tenant', 'aws', '--json', ...state]
  const [first] = values(await run(words))
  const [second] = values(await run(words))
  const records = (await readFile(sample, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(first).toMatchObject({ read: records.length, added: records.length, refused: 0 })
  expect(second).toMatchObject({ added: 0, present: records.length })

  const search = async (query: string) =>
    values(await run(['search', query, '--tenant', 'aws', '--all', '--json'])).map(
      ({ event }) => event.id,
    )
  const idsWhere = (isWanted: (record: Record<string, unknown>) => boolean) =>
    records.filter(isWanted).map(({ eventID }) => eventID)
  const { userName } = records.find(({ errorCode }) => errorCode !== undefined).userIdentity
  const faults = await search(`actor:${userName} outcome:failure,denied`)
  expect(faults.toSorted()).toEqual(
    idsWhere(({ errorCode, userIdentity }) => {
      const name = (userIdentity as { userName?: string }).userName // as every record has it
      return errorCode !== undefined && name === userName
    }).toSorted(),
  )
  const { bucketName } = records.find(
    ({ requestParameters: named }) => named?.bucketName !== undefined,
  ).requestParameters
  const onBucket = idsWhere((record) => JSON.stringify(record).includes(`"${bucketName}"`))
  expect(await search(`target:"${bucketName}"`)).toEqual(expect.arrayContaining(onBucket))
  expect(await search(`target:"arn:aws:s3:::${bucketName}"`)).toEqual(
    expect.arrayContaining(onBucket),
  )
})

test('a line that the service refuses is listed with its reason, and the rest is kept', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const file = join(folder, 'events.ndjson')
  const good = (n: number) => `{"action":"a.${n}","actor":{"id":"u"}}\n`
  const odd = ['{"action":"a"}\n', '{"action":"b","actor":{"id":"u"},"data":{"n":1,"n":2}}\n']
  await writeFile(file, `${good(1)}${odd.join('')}${good(2)}${good(3)}`)
  const result = await run(['import', '--from', 'ndjson', file, '--json'])
  expect(result.code).toBe(1)
  expect(values(result)[0]).toMatchObject({ read: 5, added: 3, refused: 2 })
  const refused = (await readFile(`${file}.refused.ndjson`, 'utf8')).trim().split('\n')
  expect(refused.map((line) => JSON.parse(line))).toMatchObject([
    { line: 2, code: 'event-invalid', text: odd[0]?.trim() },
    { line: 3, code: 'json-malformed', text: odd[1]?.trim() },
  ])
})

test('a whole log is exported and proved; entries imported elsewhere keep their content', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const events = Array.from({ length: 150 }, (_, n) => ({ action: `a.${n}`, actor: { id: 'u' } }))
  await run(['send'], JSON.stringify(events))
  const key = await readVerifierKey(run, 'default')
  for (const order of ['asc', 'desc']) {
    const file = join(folder, `receipts-${order}.ndjson`)
    await run(['export', '--format', 'receipts', '--order', order, '--out', file])
    const verified = await run(['verify', file, '--key', key])
    expect(verified.stdout).toContain('150 receipts verified, 0 failed')
    expect(verified.stdout).toContain('entries 0 to 149, the whole log')
    expect(verified.code).toBe(0)
  }
  const exported = await run(['export'])
  expect(values(exported).map(({ index }) => index)).toEqual(events.map((_, n) => n))
  const file = join(folder, 'entries.ndjson')
  await writeFile(file, exported.stdout)
  expect((await run(['verify', file, '--key', key])).code).toBe(2)

  await using other = await startTestServer()
  const [imported] = values(await against(other)(['import', '--from', 'ndjson', file, '--json']))
  expect(imported).toMatchObject({ added: 150, refused: 0 })
})

test('two histories signed by one log are told as a fork (R-06)', async () => {
  const copies = [join(folder, 'one'), join(folder, 'two')] as const
  {
    await using server = await startTestServer({ folder: copies[0] })
    await against(server)(['send', 'a.b', '--actor', 'u'])
  }
  await cp(copies[0], copies[1], { recursive: true })
  let receipts = ''
  let key = ''
  for (const [n, copy] of copies.entries()) {
    await using server = await startTestServer({ folder: copy })
    const run = against(server)
    await run(['send', `a.${n}`, '--actor', 'u', '--id', 'e'])
    key = await readVerifierKey(run, 'default')
    await run(['show', 'e', '--receipt', join(folder, 'receipt')])
    receipts += await readFile(join(folder, 'receipt'), 'utf8')
  }
  const file = join(folder, 'both.ndjson')
  await writeFile(file, receipts)
  const { code, stderr } = await runCaptured(['verify', file, '--key', key])
  expect(code).toBe(1)
  expect(stderr).toContain('Fork')
})

test('tail follows from an index, and goes on without gap or repeat after a crash', async () => {
  const options = { folder: join(folder, 'data'), rootKey: testRootKey }
  let service = await startServiceProcess({ ...options, port: 0 })
  const { url } = service
  const send = (action: string) => against({ url })(['send', action, '--actor', 'u'])
  await send('a.0')
  await send('a.1')
  let waits = 0
  const { stdout } = await runCaptured(['tail', '--tenant', 'default', '--from', '1', '--json'], {
    environment: { INDELIBLE_URL: url, INDELIBLE_KEY: testRootKey },
    onText: () => void service[Symbol.asyncDispose](),
    duringWait: async () => {
      await service[Symbol.asyncDispose]()
      waits += 1
      if (waits === 2) throw new Failure(exitCodes.fine, 'seen enough')
      service = await startServiceProcess({ ...options, port: Number(new URL(url).port) })
      await send('a.2')
    },
  })
  const lines = stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).event.action)).toEqual(['a.1', 'a.2'])
})

test('keys are made, work within their grant, are listed without secret, and end', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const words = ['keys', 'create', 'billing', '--scope', 'append', '--tenant', 'acme', '--json']
  const [made] = values(await run(words))
  const withKey = against(server, made.key)
  expect((await withKey(['send', 'a.b', '--actor', 'u', '--tenant', 'acme'])).code).toBe(0)
  const refused = await withKey(['search', '--tenant', 'acme'])
  expect(refused.code).toBe(2)
  const listed = await run(['keys', 'list'])
  expect(listed.stdout).toContain('billing')
  expect(listed.stdout).not.toContain(made.key)
  expect((await run(['keys', 'revoke', made.id])).code).toBe(0)
  expect((await withKey(['send', 'a.b', '--actor', 'u', '--tenant', 'acme'])).code).toBe(2)
})

test('users are made with a password from stdin, log in, are disabled and removed', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const password = 'a long enough password'
  const grant = ['--role', 'auditor', '--tenant', 'acme']
  expect((await run(['users', 'create', 'zoe', ...grant], `${password}\n`)).code).toBe(0)
  const login = await run(['login', 'zoe'], `${password}\n`)
  await run(['tenants', 'create', 'acme', '--name', 'ACME'])
  expect((await against(server, login.stdout.trim())(['search', '--tenant', 'acme'])).code).toBe(0)
  expect((await run(['users', 'password', 'zoe'], 'another good password')).code).toBe(0)
  expect((await run(['login', 'zoe'], password)).code).toBe(2)
  expect((await run(['users', 'disable', 'zoe'])).code).toBe(0)
  expect((await run(['users', 'list'])).stdout).toMatch(/zoe +auditor +acme +disabled/)
  expect((await run(['users', 'remove', 'zoe'])).code).toBe(0)
  expect((await run(['users', 'list'])).stdout).not.toContain('zoe')
})

test('beside a running service the data is audited, indexed anew and backed up', async () => {
  await using server = await startTestServer()
  const run = against(server)
  const data = ['--data', server.folder]
  await run(
    ['send'],
    JSON.stringify([1, 2, 3].map((n) => ({ action: `a.${n}`, actor: { id: 'u' } }))),
  )
  const key = await readVerifierKey(run, 'default')
  const audit = await run(['audit', ...data, '--key', key])
  expect(audit.stdout).toContain('default: 3 entries')
  expect([audit.code, audit.stdout]).toEqual([0, expect.stringContaining('all is well')])
  expect((await run(['reindex', ...data])).code).toBe(0)
  const target = join(folder, 'backup')
  expect((await run(['backup', target, ...data])).code).toBe(0)
  expect((await run(['audit', '--data', target, '--key', key])).code).toBe(0)
  const seed = join(server.folder, 'seed')
  const bySeed = await run(['audit', '--data', target, '--seed-file', seed])
  expect([bySeed.code, bySeed.stderr]).toEqual([0, ''])
  const byNothing = await run(['audit', '--data', target])
  expect(byNothing.stderr).toContain('the keys that lie with the data')
  expect((await run(['audit', '--data', target, '--seed-file', `${seed}.gone`])).code).toBe(2)
  expect((await run(['backup', target, ...data])).code).toBe(2)
  const beside = await run(['restore', target, ...data])
  expect(beside.code).toBe(3)
  expect(beside.stderr).toContain('Another Indelible process')
})

test('a copy older than what was signed is restored only as a new generation', async () => {
  const data = join(folder, 'data')
  const backup = join(folder, 'backup')
  {
    await using server = await startTestServer({ folder: data })
    const run = against(server)
    await run(['send', 'a.0', '--actor', 'u'])
    await readVerifierKey(run, 'default')
    await run([
      'show',
      values(await run(['search', '--json']))[0].event.id,
      '--receipt',
      join(folder, 'r'),
    ])
    await run(['backup', backup, '--data', data])
    await run(['send', 'a.1', '--actor', 'u', '--id', 'late'])
    await run(['show', 'late', '--receipt', join(folder, 'r')])
  }
  const refused = await runCaptured(['restore', backup, '--data', data])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('--new-generation')
  const begun = await runCaptured(['restore', backup, '--data', data, '--new-generation'])
  expect([begun.code, begun.stdout]).toEqual([0, expect.stringContaining('default.1: 1 entry')])
  expect((await runCaptured(['audit', '--data', data])).code).toBe(0)
})

test('an entry that was altered in the database is found by the audit, exit 1', async () => {
  const data = join(folder, 'data')
  {
    await using server = await startTestServer({ folder: data })
    await against(server)(['send', 'a.0', '--actor', 'somebody'])
  }
  const path = join(data, 'log.db')
  const bytes = await readFile(path)
  const at = bytes.indexOf('somebody')
  bytes.write('nobodyxx', at)
  await writeFile(path, bytes)
  const { code, stdout } = await runCaptured(['audit', '--data', data, '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout).findings).not.toEqual([])
})

test('tenants are made and listed', async () => {
  await using server = await startTestServer()
  const run = against(server)
  expect((await run(['tenants', 'create', 'acme', '--name', 'ACME Ltd'])).code).toBe(0)
  expect((await run(['tenants', 'list'])).stdout).toMatch(/acme +ACME Ltd/)
  expect((await run(['tenants', 'show', 'nobody'])).code).toBe(2)
})

test('the launched service says where it listens, and ends cleanly when asked', async () => {
  const flags = ['--port', '0', '--data', join(folder, 'data'), '--log-level', 'silent']
  const child = spawn(process.execPath, [launcher, 'serve', ...flags, '--json'])
  const [text] = await once(child.stdout, 'data')
  const { url, firstStart } = JSON.parse(String(text))
  expect(firstStart.adminPassword).toEqual(expect.any(String))
  expect((await against({ url }, firstStart.rootKey)(['search'])).code).toBe(0)
  const second = await launch(['serve', ...flags])
  expect(second.code).toBe(3)
  expect(second.stderr).toContain('Another Indelible process')
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([0, null])
  expect((await launch(['serve', '--port', 'http'])).code).toBe(2)
})

test('a start whose port is taken ends, and leaves it to the next one to make and show the first key', async () => {
  await using other = await startTestServer()
  const flags = ['--data', join(folder, 'data'), '--log-level', 'silent', '--json']
  const refused = await launch(['serve', ...flags, '--port', new URL(other.url).port])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/EADDRINUSE.* take another port: INDELIBLE_PORT/)
  const child = spawn(process.execPath, [launcher, 'serve', ...flags, '--port', '0'])
  const [text] = await once(child.stdout, 'data')
  child.kill('SIGTERM')
  await once(child, 'close')
  const made = { adminPassword: expect.any(String), rootKey: expect.any(String) }
  expect(JSON.parse(String(text)).firstStart).toEqual(made)
})

test('a SIGTERM to the whole process group, as systemd sends it, is one request to stop: it drains', async () => {
  const flags = ['--port', '0', '--data', join(folder, 'data'), '--drain-seconds', '300', '--json']
  const child = spawn(process.execPath, [launcher, 'serve', ...flags], { detached: true })
  const closed = once(child, 'close')
  const signal = (name: NodeJS.Signals) => process.kill(-Number(child.pid), name)
  const [text] = await once(child.stdout, 'data')
  const { url } = JSON.parse(String(text))
  const askReadiness = async () => (await fetch(`${url}/readyz`)).status
  signal('SIGTERM')
  let status = await askReadiness()
  while (status === 200) status = await askReadiness()
  expect(status).toBe(503)
  expect(await askReadiness()).toBe(503)
  signal('SIGKILL')
  await closed
})
