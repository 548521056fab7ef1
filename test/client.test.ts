import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, type ClientOptions, createClient } from '@indelible/client'
import {
  createRandom,
  createTemporaryFolder,
  spawnServer,
  startTestServer,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { startFront } from './client/front.ts'

const server = await startTestServer()
const temporary = createTemporaryFolder()
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})
const connect = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: server.url, key: testRootKey, drainOnSigterm: false, ...options })
const actor = { id: 'u_1' }

async function endApplication(tenant: string, ending: string) {
  const script = fileURLToPath(new URL('./client/ending.ts', import.meta.url))
  const child = spawn(process.execPath, [script, server.url, testRootKey, tenant, ending], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [code, signal] = await exited
  const { size } = (await server.ask(`/v1/logs/${tenant}`)).json
  return { code, signal, size }
}

describe('SIGTERM', () => {
  test('ends the process once both of its clients have delivered', async () => {
    const ended = await endApplication('sigterm', 'none')
    expect(ended).toEqual({ code: null, signal: 'SIGTERM', size: 200 })
  })

  test('is the application’s own affair where it listens, too', async () => {
    const ended = await endApplication('listening', 'own-listener')
    expect(ended).toEqual({ code: 7, signal: null, size: 202 })
  })
})

test('a stream resumes over cuts and a restart of the service, without gap or repeat', async () => {
  const folder = join(temporary.path, 'stream')
  const random = createRandom(1)
  await using front = await startFront(random)
  let service = await spawnServer({ folder })
  front.behind = service.url
  await using writer = connect({ url: front.url, tenant: 'live' })
  const record = (from: number): void => {
    for (let n = from; n < from + 100; n += 1) {
      writer.record({ action: 'a', actor, id: `e${n}`, data: { n } })
    }
  }
  record(0)
  await writer.flush()
  const ending = new AbortController()
  const seen: number[] = []
  const options = { after: -1, signal: ending.signal }
  await using reader = connect({ url: service.url })
  const reading = (async () => {
    for await (const { index } of reader.stream({ tenant: 'live' }, options)) {
      seen.push(index)
      if (seen.length === 300) ending.abort()
    }
  })()
  await expect.poll(() => seen.length).toBe(100)
  front.behind = undefined
  await service.kill('SIGKILL')
  record(100)
  const { port } = new URL(service.url)
  service = await spawnServer({ folder, environment: { INDELIBLE_PORT: port } })
  front.behind = service.url
  record(200)
  await reading
  expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n))
  await writer.flush()
  await service.stop()
})

test('a stream that is refused says why', async () => {
  await using client = connect({ key: 'ind_no' })
  const first = client.stream({ tenant: 'live' }).next()
  await expect(first).rejects.toMatchObject({ code: 'credentials-invalid', status: 401 })
})

test('a context gives every event its actor, to the log', async () => {
  await using client = connect({ tenant: 'context' })
  await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      client.run({ actor: { id: `u_${n}` }, context: { request: `r_${n}` } }, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        client.record({ action: 'a', data: { n } })
        if (n % 10 === 0) await client.append({ action: 'b', data: { n } })
      }),
    ),
  )
  await client.flush()
  const { entries } = await client.search({ tenant: 'context', limit: 1_000 })
  expect(entries).toHaveLength(110)
  for (const { event } of entries) {
    const n = event.data?.n
    expect(event).toMatchObject({ actor: { id: `u_${n}` }, context: { request: `r_${n}` } })
  }
})

test('a spool in use is not opened twice, and what it kept aside is read as lines', async () => {
  const { readFileSync } = await import('node:fs')
  const spool = join(temporary.path, 'app.spool')
  await using client = connect({ spool, tenant: 'aside', onRejected: () => undefined })
  expect(() => connect({ spool })).toThrow(expect.objectContaining({ code: 'spool-in-use' }))
  client.record({ action: '', actor, id: 'bad', time: '2026-01-01T00:00:00.000Z' })
  client.record({ action: 'a', actor, id: 'good' })
  await client.flush()
  const [line = '', ...others] = readFileSync(`${spool}.rejected`, 'utf8').trim().split('\n')
  expect(others).toEqual([])
  expect(JSON.parse(line)).toMatchObject({
    code: 'event-invalid',
    errors: [{ pointer: expect.stringMatching(/\/action$/) }],
    event: { action: '', actor, id: 'bad', tenant: 'aside' },
  })
})
