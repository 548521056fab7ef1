import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Head } from '@indelible/protocol'
import { auditData } from '@indelible/server'
import { createTemporaryFolder, type SpawnedServer, spawnServer } from '@indelible/testkit'
import { afterAll, afterEach, expect, test } from 'vitest'
import { openDials } from '../prove/clock/dials.ts'
import { readMetric } from './metrics/read-metrics.ts'

/**
 * What operators meet: a clock that is set, a limit on files, a slow disk. What the service does, which
 * metric shows it, and that it goes on by itself; docs/how-to/runbook.md says what to do. A full disk:
 * test/disk-full.test.ts.
 */
const temporary = createTemporaryFolder()
const dials = openDials(temporary.path, 'operations.test.ts')
afterEach(() => {
  dials?.setClock(0)
  dials?.setSync(0)
})
afterAll(() => {
  dials?.[Symbol.dispose]()
  temporary[Symbol.dispose]()
})

const hourMs = 3_600_000
let events = 0
const createEvent = (tenant: string) => ({
  ...{ tenant, id: `e${events++}`, action: 'order.paid', actor: { id: 'u_1' } },
})
const append = ({ post }: SpawnedServer, tenant: string) => post('/v1/events', createEvent(tenant))
const refusals = (server: SpawnedServer, code: string) =>
  readMetric(server, 'indelible_problems_total', `code="${code}"`)

async function expectSound(server: SpawnedServer): Promise<void> {
  await server.stop()
  expect((await auditData({ folder: server.folder })).findings).toEqual([])
}

test.skipIf(dials === undefined)(
  'a clock that went an hour ahead and back again holds up only the logs that were written to meanwhile, until it gets there',
  async () => {
    const { environment = {}, setClock = () => {} } = dials ?? {}
    const folder = join(temporary.path, 'clock')
    await using server = await spawnServer({ folder, environment })
    const { ask, post } = server
    const before: Head = (await append(server, 'acme')).json
    await append(server, 'globex')
    const login = { username: 'admin', password: 'correct horse battery staple' }
    const { token } = (await post('/v1/login', login)).json

    // 1 An hour ahead: what comes in is taken, with the clock's time.
    setClock(hourMs)
    const ahead: Head = (await append(server, 'acme')).json
    expect(Date.parse(ahead.received) - Date.parse(before.received)).toBeGreaterThanOrEqual(hourMs)
    const signed = async () =>
      (await ask('/v1/logs/acme/checkpoint')).text.split('\n').slice(1, 2).map(Number)
    await expect.poll(signed).toEqual([2])
    const offS =
      (await readMetric(server, 'indelible_clock_timestamp_seconds')) - Date.now() / 1_000
    expect(Math.round(offS / 60)).toBe(60)

    // 2 And back: that log would have to lie about the time, so it waits. It says so, and how long.
    setClock(0)
    const refused = await append(server, 'acme')
    expect(refused).toMatchObject({ status: 503, json: { code: 'clock-behind' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refusals(server, 'clock-behind')).toBe(1)
    const behindS = await readMetric(server, 'indelible_clock_behind_seconds')
    expect(Math.round(behindS / 60)).toBe(60)

    // 3 Everything else goes on: other logs, their checkpoints, reads, sessions.
    const other: Head = (await append(server, 'globex')).json
    expect(other.index).toBe(1)
    expect((await ask(`/v1/events/${other.id}/receipt?tenant=globex`)).status).toBe(200)
    const session = { headers: { authorization: `Bearer ${token}` } }
    const found = await ask('/v1/events?tenant=acme&order=asc', session)
    expect(found.json.entries.map(({ index }: Head) => index)).toEqual([0, 1])

    // 4 Less than a minute behind, time stands still in the log instead.
    setClock(Date.parse(ahead.received) - Date.now() - 30_000)
    const still: Head = (await append(server, 'acme')).json
    expect([still.index, still.received]).toEqual([2, ahead.received])
    expect((await ask(`/v1/events/${still.id}/receipt?tenant=acme`)).status).toBe(200)
    setClock(hourMs + 60_000)
    expect(Date.parse((await append(server, 'acme')).json.received)).toBeGreaterThan(
      Date.parse(still.received),
    )
    await expectSound(server)
  },
)

test.skipIf(dials === undefined)(
  'a read that went on record while the clock was ahead keeps reads from being answered unrecorded; audits and figures stay',
  async () => {
    const { environment = {}, setClock = () => {} } = dials ?? {}
    const folder = join(temporary.path, 'reads')
    await using server = await spawnServer({ folder, environment })
    await append(server, 'acme')
    setClock(hourMs)
    expect((await server.ask('/v1/events?tenant=acme')).status).toBe(200)
    setClock(0)
    const refused = await server.ask('/v1/export?tenant=acme')
    expect(refused).toMatchObject({ status: 503, json: { code: 'clock-behind' } })
    // What is no read is answered, and what takes no entry of that log is appended.
    expect((await server.ask('/readyz')).status).toBe(200)
    expect((await append(server, 'acme')).status).toBe(201)
    expect((await auditData({ folder })).findings).toEqual([])
    setClock(hourMs)
    expect((await server.ask('/v1/export?tenant=acme')).status).toBe(200)
    await expectSound(server)
  },
)

/** Opens connections until the service takes no more. */
async function exhaust({ url }: SpawnedServer, sockets: Socket[]): Promise<void> {
  const { hostname: host, port } = new URL(url)
  for (;;) {
    const socket = connect({ host, port: Number(port) })
    sockets.push(socket)
    socket.on('error', () => {}) // it is closed then, too
    // Refused ones are accepted and closed at once.
    socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n')
    const isTaken = await new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true)).once('close', () => resolve(false))
    })
    if (!isTaken) return
  }
}

test('connections that do nothing, as many as its limit of files bears, keep nobody out', async () => {
  const filesMax = 160
  const folder = join(temporary.path, 'files')
  const wrapper = ['bash', '-c', `ulimit -n ${filesMax}; exec "$@"`, 'bash'] as const
  await using server = await spawnServer({ folder, wrapper })
  expect(await readMetric(server, 'indelible_process_max_fds')).toBe(filesMax)
  const { id }: Head = (await append(server, 'acme')).json
  const sockets: Socket[] = []
  try {
    await exhaust(server, sockets)
    // Whoever was refused has made room: appends, reads, proofs and audits find their files.
    await expect
      .poll(async () => (await append(server, 'acme').catch(() => undefined))?.status)
      .toBe(201)
    expect((await server.ask('/v1/events?tenant=acme')).status).toBe(200)
    await expect
      .poll(async () => (await server.ask(`/v1/events/${id}/receipt?tenant=acme`)).status)
      .toBe(200)
    await server.ask('/v1/audits', { method: 'POST' })
    await expect
      .poll(async () => (await server.ask('/v1/audits')).json.last)
      .toMatchObject({ ok: true, findings: 0 })
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  expect((await server.ask('/readyz')).status).toBe(200)
  await expectSound(server)
})

test.skipIf(dials === undefined)(
  'a slow disk slows appends and loses none; what waits shares a sync, and what is too much is pushed back',
  async () => {
    const { environment = {}, setSync = () => {} } = dials ?? {}
    const folder = join(temporary.path, 'slow')
    await using server = await spawnServer({ folder, environment })
    expect((await append(server, 'acme')).status).toBe(201)
    const count = () => readMetric(server, 'indelible_commit_duration_seconds_count')
    const sum = () => readMetric(server, 'indelible_commit_duration_seconds_sum')
    const [commits, seconds] = [await count(), await sum()]
    setSync(500)
    const answers = await Promise.all(Array.from({ length: 100 }, () => append(server, 'acme')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    const made = (await count()) - commits
    expect(made).toBeLessThan(30)
    expect(((await sum()) - seconds) / made).toBeGreaterThan(0.4)

    // More than may wait: refused at once, with a time to come again, and taken then.
    setSync(2_000)
    const large = () =>
      Array.from({ length: 60 }, () => ({
        ...createEvent('acme'),
        data: { note: 'x'.repeat(240_000) },
      }))
    const batches = Array.from({ length: 5 }, large)
    const sent = batches.map((batch) => server.post('/v1/events', batch))
    const held = () => readMetric(server, 'indelible_append_queue_bytes')
    await expect.poll(held).toBeGreaterThan(0)
    await expect.poll(() => refusals(server, 'pushback')).toBeGreaterThan(0)
    setSync(0)
    for (const [n, batch] of batches.entries()) {
      const { status, json, headers } = (await sent[n]) ?? (await server.post('/v1/events', batch))
      if (status === 201) continue
      expect(json.code).toBe('pushback')
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      await expect.poll(async () => (await server.post('/v1/events', batch)).status).toBe(201)
    }
    const size = 1 + 100 + 5 * 60
    expect((await server.ask('/v1/logs/acme')).json.size).toBe(size)
    await expectSound(server)
  },
)
