import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A receiver of telemetry that takes connections and answers nothing, ever. */
export interface SilentReceiver extends AsyncDisposable {
  /** What makes a service send it traces, metrics and reports of faults. */
  readonly environment: Readonly<Record<string, string>>
  connections(): number
}

export async function startSilentReceiver(): Promise<SilentReceiver> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined) // the service gives up, or is gone
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a TCP server that listens
  return {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      // It is waited for longer than a caller has patience.
      OTEL_EXPORTER_OTLP_TIMEOUT: '120000',
      OTEL_BSP_EXPORT_TIMEOUT: '120000',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      // Some of the traces: they are to be stuck, not to take the time.
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      SENTRY_DSN: `http://key@127.0.0.1:${port}/1`,
    },
    connections: () => sockets.length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
