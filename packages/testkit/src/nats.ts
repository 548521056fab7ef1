import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BrokerTls,
  findFreePorts,
  isInstalled,
  type ProcessGroup,
  spawnGroup,
} from './broker.ts'
import { createTemporaryFolder } from './start-server.ts'

/** A NATS server with JetStream in a folder and on a port of its own. */
export interface Nats extends AsyncDisposable {
  readonly url: string
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

const server = ['/usr/sbin/nats-server', '/usr/bin/nats-server'].find((path) => existsSync(path))

const hint = 'NATS is not installed: apt-get install --no-install-recommends nats-server'

/** How to get it, where it is not there. */
export const lacksNats = (): string | undefined => (server === undefined ? hint : undefined)

export const hasNats = (): boolean => isInstalled(lacksNats() === undefined, hint)

export async function startNats(options: { readonly tls?: BrokerTls } = {}): Promise<Nats> {
  if (server === undefined) throw new Error('NATS is not installed.')
  const folder = createTemporaryFolder()
  const [port = 0] = await findFreePorts(1)
  const { tls } = options
  const args = [
    ...['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(folder.path, 'data')],
    ...(tls === undefined
      ? []
      : ['--tlsverify', '--tlscacert', tls.ca, '--tlscert', tls.cert, '--tlskey', tls.key]),
  ]
  let broker: ProcessGroup | undefined
  const start = async (): Promise<void> => {
    broker = spawnGroup(server, args, { HOME: folder.path })
    await broker.wrote('Server is ready')
  }
  await start()
  return {
    url: `${tls === undefined ? 'nats' : 'tls'}://127.0.0.1:${port}`,
    async restart(signal) {
      await broker?.end(signal)
      await start()
    },
    async [Symbol.asyncDispose]() {
      await broker?.end('SIGKILL')
      folder[Symbol.dispose]()
    },
  }
}
