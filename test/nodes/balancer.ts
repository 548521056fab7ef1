import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How often it asks each node whether it is ready: more often than most balancers. */
const healthMs = 200

/** What a node has to be for it. */
export interface Target {
  readonly url: string
}

/**
 * A balancer as simple as they come: each request goes to the next node whose `/readyz` last said
 * 200, over a connection that may be an old one. It tries nothing twice.
 */
export async function startBalancer(targets: () => readonly Target[]) {
  const agent = new Agent({ keepAlive: true })
  let ready: readonly Target[] = []
  let turn = 0
  const check = async (): Promise<void> => {
    const asked = await Promise.all(
      targets().map(async (target) => {
        const answer = await fetch(`${target.url}/readyz`).catch(() => undefined)
        return answer?.status === 200 ? [target] : []
      }),
    )
    ready = asked.flat()
  }
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    const target = ready[turn++ % ready.length]
    if (target === undefined) return void response.writeHead(502).end('no node is ready')
    const { method = 'GET', url = '/', headers } = incoming
    const outgoing = request(new URL(url, target.url), { method, headers, agent }, (answer) => {
      const { connection: _, ...kept } = answer.headers
      response.writeHead(answer.statusCode ?? 502, kept)
      answer.pipe(response)
    })
    outgoing.on('error', (error) => response.writeHead(502).end(String(error)))
    incoming.pipe(outgoing)
  }
  await check()
  const timer = setInterval(check, healthMs)
  const server = createServer(forward).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // TCP, so no pipe's name
    /** Nodes that it sends requests to. */
    ready: () => ready,
    [Symbol.dispose]() {
      clearInterval(timer)
      agent.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}
