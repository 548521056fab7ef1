import { connect, createServer, type Socket } from 'node:net'

/** A balancer before a service, which is lost at the worst moment. */
export interface DroppingFront extends AsyncDisposable {
  readonly url: string
  /** Resolves when the first connection was dropped. */
  readonly dropped: Promise<void>
  /** Passes what comes from now on to another service, and drops nothing more. */
  turnTo(serviceUrl: string): void
}

/**
 * Passes requests on, and drops the connection when the answer comes: what was kept is never
 * acknowledged. Connections after the first `drops` are left alone.
 */
export async function openDroppingFront(serviceUrl: string, drops = 1): Promise<DroppingFront> {
  let target = new URL(serviceUrl)
  let left = drops
  const dropped = Promise.withResolvers<void>()
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    const service = connect({ host: target.hostname, port: Number(target.port) })
    const drop = left-- > 0
    const end = () => {
      client.destroy()
      service.destroy()
    }
    client.pipe(service)
    if (drop) service.once('data', end).once('data', () => dropped.resolve())
    else service.pipe(client)
    for (const socket of [client, service]) socket.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    dropped: dropped.promise,
    turnTo(url) {
      target = new URL(url)
      left = 0
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const client of clients) client.destroy()
      await closed
    },
  }
}
