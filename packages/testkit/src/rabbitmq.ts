import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BrokerTls,
  findFreePorts,
  isInstalled,
  type ProcessGroup,
  spawnGroup,
} from './broker.ts'
import { createTemporaryFolder } from './start-server.ts'

/** A RabbitMQ of the test's own: node name, ports, port mapper and folder. */
export interface Rabbitmq extends AsyncDisposable {
  readonly url: string
  /** Where it listens with TLS, if it does. */
  readonly tlsUrl: string
  /** Ends it and starts it again on the same data and port. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
}

const installed = '/usr/lib/rabbitmq/lib'

/** Path of the server's own start script: the one in PATH insists on the system's user. */
function findServer(): string | undefined {
  if (!existsSync(installed)) return undefined
  const [version] = readdirSync(installed).filter((name) => name.startsWith('rabbitmq_server-'))
  return version === undefined ? undefined : join(installed, version, 'sbin/rabbitmq-server')
}

const hint = 'RabbitMQ is not installed: apt-get install --no-install-recommends rabbitmq-server'

/** How to get it, where it is not there. */
export const lacksRabbitmq = (): string | undefined =>
  findServer() === undefined ? hint : undefined

export const hasRabbitmq = (): boolean => isInstalled(lacksRabbitmq() === undefined, hint)

/** Starts a broker in a temporary folder; takes about five seconds. */
export async function startRabbitmq(options: { readonly tls?: BrokerTls } = {}): Promise<Rabbitmq> {
  const server = findServer()
  if (server === undefined) throw new Error('RabbitMQ is not installed.')
  const folder = createTemporaryFolder()
  const [port = 0, clusterPort = 0, mapperPort = 0, tlsPort = 0] = await findFreePorts(4)
  if (options.tls !== undefined) writeTls(folder.path, tlsPort, options.tls)
  const environment = describeNode(folder.path, { port, clusterPort, mapperPort })
  // Erlang would start one that outlives the test.
  const mapper = spawnGroup(
    'epmd',
    ['-port', String(mapperPort), '-address', '127.0.0.1'],
    environment,
  )
  let broker: ProcessGroup | undefined
  const start = async (): Promise<void> => {
    broker = spawnGroup(server, [], environment)
    await broker.wrote('Server startup complete')
  }
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => broker?.end(signal)
  await start()
  return {
    url: `amqp://127.0.0.1:${port}`,
    tlsUrl: `amqps://127.0.0.1:${tlsPort}`,
    start,
    stop,
    async restart(signal) {
      await stop(signal)
      await start()
    },
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
      await mapper.end('SIGKILL')
      folder[Symbol.dispose]()
    },
  }
}

function writeTls(folder: string, port: number, { ca, cert, key }: BrokerTls): void {
  const lines = [
    `listeners.ssl.default = 127.0.0.1:${port}`,
    `ssl_options.cacertfile = ${ca}`,
    `ssl_options.certfile = ${cert}`,
    `ssl_options.keyfile = ${key}`,
    'ssl_options.verify = verify_peer',
    'ssl_options.fail_if_no_peer_cert = true',
  ]
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
}

function describeNode(
  folder: string,
  ports: { readonly port: number; readonly clusterPort: number; readonly mapperPort: number },
): Record<string, string> {
  const { port, clusterPort, mapperPort } = ports
  writeFileSync(join(folder, 'plugins'), '[].')
  return {
    HOME: folder,
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(clusterPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'environment'),
    RABBITMQ_SCHEMA_DIR: join(folder, 'schema'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    // Idle schedulers would spin on cores that the tests share.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
  }
}
