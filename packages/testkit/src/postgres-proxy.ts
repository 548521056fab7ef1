import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * What goes wrong with the next COMMIT:
 * `lost`: it never reaches the server, and both ends are cut ·
 * `stalled`: it never reaches the server, which isn't told that the client is gone ·
 * `unanswered`: it is done, and the client is cut off before it hears of it.
 */
export type CommitFault = 'lost' | 'stalled' | 'unanswered'

/** A way to a PostgreSQL that can fail at the worst moment. */
export interface PostgresProxy extends AsyncDisposable {
  /** The server's URL by this way. */
  readonly url: string
  failNextCommit(fault: CommitFault): void
  /** Cuts all connections and takes no more. */
  close(): void
}

const commit = Buffer.from('COMMIT\0')

/** @param url of the server itself */
export async function startPostgresProxy(url: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let due: CommitFault | undefined
  let isClosed = false

  const server = createServer((client) => {
    if (isClosed) {
      client.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    let fault: CommitFault | undefined
    client.on('data', (chunk: Buffer) => {
      if (due !== undefined && chunk.includes(commit)) {
        fault = due
        due = undefined
        if (fault === 'lost') cut()
        if (fault === 'stalled') client.destroy()
      }
      if (fault === undefined || fault === 'unanswered') upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      if (fault === undefined) client.write(chunk)
      // The answer of COMMIT comes last, and may come in several pieces.
      else if (chunk.includes(commit)) cut()
    })
    client.on('close', () => fault !== 'stalled' && upstream.destroy())
    upstream.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was free.')
  const own = new URL(url)
  own.host = `127.0.0.1:${address.port}`
  const close = () => {
    isClosed = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: own.href,
    failNextCommit(fault) {
      due = fault
    },
    close,
    async [Symbol.asyncDispose]() {
      close()
      server.close()
      await once(server, 'close')
    },
  }
}
