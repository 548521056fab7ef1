import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/**
 * What becomes of some bytes: passed on · dropped · dropped, and both ends cut · dropped, and the
 * client cut, of which the server isn't told.
 */
export type Fate = 'pass' | 'drop' | 'cut' | 'hang up'

/** Decides over the bytes of one connection. */
export interface Screen {
  request(chunk: Buffer): Fate
  answer(chunk: Buffer): Fate
}

/** What goes wrong with every connection until `heal`. */
export interface Trouble {
  /** Whatever is sent arrives so much later. */
  readonly delayMs?: number
  /** These bytes are lost, and nobody is told. */
  readonly drops?: 'requests' | 'answers'
}

/** A way to a server that can fail as a network does, and worse. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  trouble(what: Trouble): void
  /** Passes everything on again; connections that lost something are cut. */
  heal(): void
  /** Cuts all connections there are. */
  cut(): void
  /** Cuts all connections and takes no more. */
  close(): void
}

export interface TcpProxyOptions {
  readonly host: string
  readonly port: number
  /** Called for each connection. */
  readonly screen?: () => Screen
  /** Told of what the server answered and the client will never see. */
  readonly onLostAnswer?: (chunk: Buffer) => void
}

interface Link {
  readonly client: Socket
  readonly upstream: Socket
  hasLost: boolean
}

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const { host, port, onLostAnswer } = options
  const links = new Set<Link>()
  let trouble: Trouble = {}
  let isClosed = false

  const server = createServer((client) => {
    if (isClosed) {
      client.destroy()
      return
    }
    const upstream = connect(port, host)
    const link: Link = { client, upstream, hasLost: false }
    const screen = options.screen?.()
    let isHungUp = false
    links.add(link)
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined) // `close` follows
    }
    const lose = (fate: Exclude<Fate, 'pass'>): void => {
      link.hasLost = true
      if (fate === 'cut') cutLink(link)
      if (fate !== 'hang up') return
      isHungUp = true
      client.destroy()
    }
    const delayMs = () => trouble.delayMs ?? 0
    const passRequest = createPipe(upstream, delayMs)
    const passAnswer = createPipe(client, delayMs)
    client.on('data', (chunk: Buffer) => {
      const fate = decide(screen?.request(chunk), trouble.drops === 'requests')
      if (fate === 'pass') passRequest(chunk)
      else lose(fate)
    })
    upstream.on('data', (chunk: Buffer) => {
      const fate = decide(screen?.answer(chunk), trouble.drops === 'answers')
      if (fate === 'pass') passAnswer(chunk)
      else {
        onLostAnswer?.(chunk)
        lose(fate)
      }
    })
    client.on('close', () => isHungUp || upstream.destroySoon())
    upstream.on('close', () => {
      links.delete(link)
      client.destroySoon()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was free.')
  const cut = (): void => {
    for (const link of links) cutLink(link)
  }
  const close = (): void => {
    isClosed = true
    cut()
  }
  return {
    port: address.port,
    trouble(what) {
      trouble = what
    },
    heal() {
      trouble = {}
      for (const link of links) if (link.hasLost) cutLink(link)
    },
    cut,
    close,
    async [Symbol.asyncDispose]() {
      close()
      server.close()
      await once(server, 'close')
    },
  }
}

const decide = (fate: Fate = 'pass', isDropped: boolean): Fate =>
  fate === 'pass' && isDropped ? 'drop' : fate

function cutLink({ client, upstream }: Link): void {
  client.destroy()
  upstream.destroy()
}

/** Passes chunks on in their order, each when it is due. */
function createPipe(to: Socket, readDelayMs: () => number): (chunk: Buffer) => void {
  let last = Promise.resolve()
  let waiting = 0
  return (chunk) => {
    const delayMs = readDelayMs()
    if (delayMs === 0 && waiting === 0) {
      to.write(chunk)
      return
    }
    waiting++
    const due = setTimeout(delayMs)
    last = last.then(async () => {
      await due
      waiting--
      to.write(chunk)
    })
  }
}

/** A URL's server by another port of this machine. */
export function byProxy(url: string, { port }: Pick<TcpProxy, 'port'>): string {
  const address = new URL(url)
  address.host = `127.0.0.1:${port}`
  return address.href
}
