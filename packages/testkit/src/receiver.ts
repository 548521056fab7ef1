import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Takes whatever is posted to it and keeps it, as a collector of telemetry or of faults does. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly taken: readonly Posted[]
  /** From now on, what is posted is kept and not answered, until this is called. */
  hold(): () => void
}

export interface Posted {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export async function startReceiver(): Promise<Receiver> {
  const taken: Posted[] = []
  let held: Promise<void> = Promise.resolve()
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://receiver')
    taken.push({ path: pathname, headers: request.headers, body: await text(request) })
    await held
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a TCP server that listens
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
