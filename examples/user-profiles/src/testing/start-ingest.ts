import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What a Sentry client has sent: its envelopes are lines of JSON. */
export interface Ingest extends AsyncDisposable {
  readonly dsn: string
  readonly taken: readonly Envelope[]
}

interface Envelope {
  readonly path: string
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

/** Takes envelopes as Sentry does, and keeps them. */
export async function startIngest(): Promise<Ingest> {
  const taken: Envelope[] = []
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
