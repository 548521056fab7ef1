import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A page of somebody else's, at an origin of its own: what a customer has open. */
export interface HostPage extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string
}

/** @param pages what stands at which path; other paths have an empty page */
export async function startHostPage(
  pages: (path: string) => string | undefined,
): Promise<HostPage> {
  const server = createServer(({ url = '/' }, response) => {
    const body = pages(url.split('?')[0] ?? '') ?? ''
    response.setHeader('content-type', url.endsWith('.js') ? 'text/javascript' : 'text/html')
    response.end(url.endsWith('.js') ? body : `<!doctype html><meta charset="utf-8">${body}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
