import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { byProxy, lacksNats, lacksPostgres, lacksRabbitmq, startTcpProxy } from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import { comesTrue } from '../clients/comes-true.ts'
import { countLost } from '../clients/compare.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { startEmbedded, startNodes } from '../nodes/start-on-store.ts'
import { type BrokerName, startBroker } from './brokers.ts'
import { faults, type Site } from './faults.ts'
import { createPublisher } from './publisher.ts'
import { compareWithConfirmed } from './settle.ts'

interface Part {
  readonly broker: BrokerName
  readonly start: typeof startNodes
  readonly rounds: number
}

const faultNames = Object.keys(faults)
const partsOf: Readonly<Record<StageContext['tier'], readonly Part[]>> = {
  quick: [
    { broker: 'rabbitmq', start: startNodes, rounds: faultNames.length },
    { broker: 'nats', start: startEmbedded, rounds: faultNames.length * 2 },
  ],
  full: [
    { broker: 'rabbitmq', start: startNodes, rounds: 54 },
    { broker: 'nats', start: startEmbedded, rounds: 54 },
    { broker: 'rabbitmq', start: startEmbedded, rounds: 54 },
    { broker: 'nats', start: startNodes, rounds: 54 },
  ],
}
/** The one whose broker starts in no time. */
const partWithMutant: Part = { broker: 'nats', start: startEmbedded, rounds: 4 }
/** Before a fault strikes, and after it was mended. */
const calmMsMax = 400
/** With a mutant, messages are under way whenever a fault strikes. */
const pace = { pauseMs: 30, eventsPerRound: 500 }
const paceWithMutant = { pauseMs: 1, eventsPerRound: 5_000 }
/** A round with fewer confirmed events has shown nothing. */
const confirmedMin = 120

const each = (broker: BrokerName, times: number) =>
  Object.fromEntries(faultNames.map((name) => [`${broker}: ${name}`, times]))

/** Services, brokers and the way between them fail, in turn, while messages are published. */
export const queuesStage: Stage = {
  name: 'queues',
  proves:
    'What RabbitMQ or NATS confirmed is in the log once, whether services, brokers, connections or ' +
    'acknowledgements are lost',
  least: {
    quick: { confirmed: 3_000, ...each('rabbitmq', 1), ...each('nats', 1) },
    full: { confirmed: 30_000, ...each('rabbitmq', 10), ...each('nats', 10) },
  },
  lacks: () => lacksRabbitmq() ?? lacksNats() ?? lacksPostgres(),
  run: runQueues,
}

async function runQueues(context: StageContext): Promise<Findings> {
  const parts = context.isMutated ? [partWithMutant] : partsOf[context.tier]
  const rounds = parts.reduce((sum, part) => sum + part.rounds, 0)
  const tally = createTally()
  let done = 0
  const onRound = () => context.progress(++done, rounds)
  // Two at a time, for the broker's start and end are mostly waiting.
  const next = parts.entries()
  const runSome = async () => {
    for (const [n, part] of next) {
      const folder = join(context.folder, String(n))
      mkdirSync(folder)
      tally.add(await runPart({ ...context, folder }, part, onRound))
    }
  }
  await Promise.all([runSome(), runSome()])
  return tally
}

/** One broker and its services, struck again and again; then a look at what is left. */
async function runPart(context: StageContext, part: Part, onRound: () => void): Promise<Findings> {
  const { random, isMutated } = context
  await using broker = await startBroker[part.broker]()
  const { hostname: host, port } = new URL(broker.url)
  await using proxy = await startTcpProxy({ host, port: Number(port) })
  const environment = { ...broker.environment(byProxy(broker.url, proxy)), ...context.environment }
  await using services = await part.start({ ...context, environment })
  const { cluster, place } = services
  const site: Site = { services, broker, proxy, random }
  // Not before: the first start of a service makes the queue.
  const { pauseMs, eventsPerRound } = isMutated ? paceWithMutant : pace
  const publisher = createPublisher({ broker, random, pauseMs })
  const counts: Record<string, number> = { rounds: 0, void: 0 }
  const found: string[] = []
  const done = () => counts.rounds ?? 0
  // A round that showed nothing is tried again, but not for ever.
  for (let left = 2 * part.rounds; left > 0 && done() < part.rounds && found.length === 0; left--) {
    const name = faultNames[isMutated ? 0 : done() % faultNames.length] ?? ''
    const before = publisher.confirmed.size
    const confirmed = () => publisher.confirmed.size - before
    publisher.allow(eventsPerRound)
    // It strikes while messages are under way, however long these take to begin.
    await comesTrue(() => confirmed() > 0)
    await setTimeout(random.whole(calmMsMax))
    await faults[name]?.(site)
    await setTimeout(random.whole(calmMsMax))
    const isVoid = !(await comesTrue(() => confirmed() >= confirmedMin))
    for (const what of isVoid ? ['void'] : ['rounds', `${part.broker}: ${name}`]) {
      counts[what] = (counts[what] ?? 0) + 1
    }
    found.push(...cluster.endedByThemselves().map((text) => `A service ended by itself: ${text}`))
    if (!isVoid) onRound()
  }
  await publisher.stop()
  if (found.length === 0) {
    found.push(...(await compareWithConfirmed(cluster, broker, publisher)))
    const { dead } = await broker.look()
    if (dead > 0) found.push(`${dead} messages were dead-lettered`)
    for (const node of cluster.nodes) await node?.stop()
    found.push(...(await audit(place)))
  }
  const { confirmed, unsure } = publisher
  const figures = { confirmed: confirmed.size, ambiguous: unsure.size, lost: countLost(found) }
  return { counts: { ...counts, ...figures }, faults: found.slice(0, 20) }
}
