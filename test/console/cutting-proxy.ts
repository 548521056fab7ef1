import { type AddressInfo, connect, createServer } from 'node:net'

/** What stands between browser and service, and lets no export through whole. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** After so many bytes of an export the connection breaks, or stands still. */
  exportsEnd: 'broken' | 'stalled'
}

const bytesMax = 200_000

/** Passes everything on as it is; of an export only its beginning. */
export async function startCuttingProxy(service: { readonly url: string }): Promise<CuttingProxy> {
  const { port, hostname } = new URL(service.url)
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let passed: number | undefined
    client.on('data', (chunk) => {
      if (chunk.includes('GET /v1/export')) passed = 0
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      if (passed === undefined) return void client.write(chunk)
      const rest = Math.max(0, bytesMax - passed)
      passed += chunk.length
      client.write(chunk.subarray(0, rest), () => {
        if (rest < chunk.length && proxy.exportsEnd === 'broken') client.destroy()
      })
    })
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo // it listens on TCP
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${address.port}`,
    exportsEnd: 'broken',
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}
