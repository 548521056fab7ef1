import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startTestServer, testRootKey } from '@indelible/testkit'
import { expect, test } from 'vitest'
import type { Report } from './report.ts'

const main = join(import.meta.dirname, 'main.ts')

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program as a person does. */
const runLoad = (words: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, INDELIBLE_KEY: testRootKey }
    execFile(process.execPath, [main, ...words], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })

const readReport = ({ stdout }: Ended): Report => JSON.parse(stdout) as Report // of --json

/** Holds of each check, by name. */
const judge = ({ checks }: Report) =>
  Object.fromEntries(checks.map(({ name, holds }) => [name, holds]))

type Forward = (body: Buffer, send: () => Promise<Response>) => Promise<Response | undefined>

/** Between the generator and the service: `onAppend` says what becomes of a request and its answer. */
async function startFront(url: string, onAppend: Forward) {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { method = 'GET', headers } = request
    const send = () =>
      fetch(`${url}${request.url}`, {
        method,
        headers: {
          authorization: `${headers.authorization}`,
          ...(method === 'POST' && body.length > 0 ? { 'content-type': 'application/json' } : {}),
        },
        ...(method === 'POST' && body.length > 0 ? { body } : {}),
      })
    const answered = request.url === '/v1/events' ? await onAppend(body, send) : await send()
    if (answered === undefined) return void request.socket.destroy()
    response.writeHead(answered.status, { 'content-type': 'application/json' })
    response.end(Buffer.from(await answered.arrayBuffer()))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** However slow the machine. */
const patient = ['--late', '60s', '--json']
const few = ['--rate', '50', '--duration', '2s', '--arrival', 'constant', ...patient]

test('without an address it starts a service, loads it, and proves that everything is there', async () => {
  const ended = await runLoad([...few, '--batch', '5', '--tenants', '3', '--shape', 'cloudtrail'])
  expect(ended).toMatchObject({ code: 0 })
  const report = readReport(ended)
  expect(report).toMatchObject({
    acknowledgedEvents: 100,
    latencyMs: { count: 20 },
    kept: { acknowledged: 100, missing: 0, unacknowledged: 0 },
  })
  expect(judge(report)).toMatchObject({ kept: true, audit: true, answered: true })
})

test('a rate in % is that share of the most, which is measured first', async () => {
  const ended = await runLoad(['--rate', '10%', '--probe', '2s', '--duration', '1s', ...patient])
  const { plan, maximum, kept } = readReport(ended)
  expect(plan.eventsPerSecond).toBeCloseTo((maximum?.perSecond ?? 0) / 10)
  expect(kept.acknowledged).toBeGreaterThan(maximum?.perSecond ?? 0)
  expect(ended.code).toBe(0)
})

test('what a service acknowledges and loses or moves is found, and the exit code is 1', async () => {
  await using server = await startTestServer()
  let appends = 0
  using front = await startFront(server.url, async (body, send) => {
    const n = appends++
    if (n !== 20 && n !== 30) return send()
    const [{ id, tenant }] = JSON.parse(String(body)) // as it was sent
    const head = { id, tenant, index: 1_000 + n, received: '', hash: '00'.repeat(32) }
    // One is lost; of the other, another index and hash are told than it has.
    if (n === 30) await send()
    return Response.json({ entries: [head] }, { status: 201 })
  })
  const ended = await runLoad([...few, '--url', front.url])
  expect(ended.code).toBe(1)
  const report = readReport(ended)
  expect(report.kept).toMatchObject({ acknowledged: 100, missing: 1, twice: 0, moved: 1 })
  expect(report.kept.examples.join()).toContain('index 1020: missing')
  expect(judge(report)).toMatchObject({ kept: false, audit: true })
})

test('what is refused for a while or cut off is sent again with the same ids, and told by kind', async () => {
  await using server = await startTestServer()
  let appends = 0
  using front = await startFront(server.url, async (_, send) => {
    const n = appends++
    if (n % 10 === 3) {
      return Response.json({ code: 'pushback', detail: 'Later.' }, { status: 503 })
    }
    const answered = await send()
    // It is in the log; the answer does not get through.
    return n % 10 === 7 ? undefined : answered
  })
  const ended = await runLoad([...few, '--url', front.url])
  expect(ended.code).toBe(0)
  const report = readReport(ended)
  expect(report.kept).toMatchObject({ acknowledged: 100, missing: 0, twice: 0, unacknowledged: 0 })
  expect(report.errors).toMatchObject({ '503 pushback': expect.any(Number) })
  expect(Object.values(report.errors).reduce((sum, count) => sum + count)).toBe(report.retries)
  expect((await server.ask('/v1/logs/load')).json.size).toBe(100)
})

test('a log of somebody else’s key, a wrong flag and a service that is away are told apart by the exit code', async () => {
  await using server = await startTestServer()
  const url = ['--url', server.url]
  const refused = await runLoad([...url, '--key', 'ind_wrong_key'])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is the key right?') })
  const faulty = await runLoad(['--rate', 'fast', '--duration', '10'])
  expect(faulty).toMatchObject({ code: 2, stderr: expect.stringContaining('--rate') })
  const reserved = await runLoad([...url, ...few, '--tenant', '_system'])
  expect(reserved).toMatchObject({ code: 2, stderr: expect.stringContaining('_system') })
  await server.stop()
  expect(await runLoad([...url, ...few])).toMatchObject({ code: 3 })
})
