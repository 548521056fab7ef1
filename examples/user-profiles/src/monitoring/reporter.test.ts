import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createReporter } from './reporter.ts'

/** What takes Sentry's envelopes (newline-delimited JSON) and keeps them. */
async function startIngest() {
  const taken: { path: string; lines: Record<string, unknown>[] }[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const lines = body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
    taken.push({ path: new URL(request.url ?? '', 'http://ingest').pathname, lines })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a TCP server that listens
  return {
    dsn: `http://public@127.0.0.1:${port}/42`,
    taken,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('an error reaches Sentry with its stack and ids, before closing ends', async () => {
  await using ingest = await startIngest()
  const reporter = createReporter({ dsn: ingest.dsn, environment: 'test' })
  const error = new TypeError('something broke')
  reporter.captureException(error, { request: 'r_1', operator: 'alice' })
  await reporter.close(5_000)

  expect(ingest.taken).toHaveLength(1)
  const [{ path, lines } = { path: '', lines: [] }] = ingest.taken
  expect(path).toBe('/api/42/envelope/')
  const event = lines.find((line) => 'exception' in line)
  expect(event).toMatchObject({
    environment: 'test',
    tags: { request: 'r_1' },
    user: { id: 'alice' },
    exception: { values: [{ type: 'TypeError', value: 'something broke' }] },
  })
  expect(JSON.stringify(event)).toContain('reporter.test.ts')
})

test('without a DSN nothing is sent, and nothing fails', async () => {
  const reporter = createReporter({ dsn: undefined, environment: 'test' })
  reporter.captureException(new Error('unheard'))
  await expect(reporter.close(5_000)).resolves.toBeUndefined()
})
