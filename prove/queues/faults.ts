import { setTimeout } from 'node:timers/promises'
import type { Random, TcpProxy } from '@indelible/testkit'
import type { Services } from '../nodes/start-on-store.ts'
import type { Broker } from './brokers.ts'

/** What faults strike: services, the broker, the way between them, and the database. */
export interface Site {
  readonly services: Services
  readonly broker: Broker
  readonly proxy: TcpProxy
  readonly random: Random
}

/** Strikes under load; resolves when it has been mended, as far as anybody but the services mends it. */
type Fault = (site: Site) => Promise<void>

const troubleMsMax = 500
const delayMsMax = 100

const killService: Fault = ({ services: { cluster }, random }) =>
  cluster.replace(random.whole(cluster.nodes.length))

const killBroker: Fault = ({ broker }) => broker.restart('SIGKILL')

const killBoth: Fault = async (site) => {
  await Promise.all([killBroker(site), killService(site)])
}

/** Where there is one: the appends of messages in hand fail, and are tried again. */
const crashDatabase: Fault = async ({ services, ...rest }) => {
  if (services.postgres === undefined) await killService({ services, ...rest })
  else await services.postgres.restart('immediate')
}

const cut: Fault = async ({ proxy }) => proxy.cut()

const trouble =
  (what: (random: Random) => Parameters<TcpProxy['trouble']>[0]): Fault =>
  async ({ proxy, random }) => {
    proxy.trouble(what(random))
    await setTimeout(random.whole(troubleMsMax))
    proxy.heal()
  }

/** By the words in which they are counted. */
export const faults: Readonly<Record<string, Fault>> = {
  'service killed': killService,
  'acknowledgements lost': trouble(() => ({ drops: 'requests' })),
  'broker killed': killBroker,
  'connections cut': cut,
  'service or database killed': crashDatabase,
  'messages lost on the way': trouble(() => ({ drops: 'answers' })),
  'broker and service killed': killBoth,
  'network slow': trouble((random) => ({ delayMs: random.whole(delayMsMax) })),
  'broker restarted': ({ broker }) => broker.restart('SIGTERM'),
}
