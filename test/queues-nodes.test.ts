import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import {
  createRandom,
  createTemporaryFolder,
  hasRabbitmq,
  type Rabbitmq,
  readSeed,
  startPostgres,
  startRabbitmq,
  type TestPostgres,
} from '@indelible/testkit'
import { expect, test } from 'vitest'
import { type Cluster, startCluster } from '../prove/nodes/cluster.ts'
import { createSharedStore, nodeOn } from '../prove/nodes/shared-store.ts'
import { expectKeptOnce } from './queues/kept-once.ts'
import { createPublisher } from './queues/publisher.ts'
import { connectRabbitmq } from './queues/rabbitmq-client.ts'

const rounds = 15
const nodeCount = 3
const calmMsMax = 500

const seed = readSeed()
const random = createRandom(seed)

type Fault = (parts: {
  readonly cluster: Cluster
  readonly postgres: TestPostgres
  readonly rabbitmq: Rabbitmq
}) => Promise<void>

const someNode = () => random.whole(nodeCount)
const killNode: Fault = ({ cluster }) => cluster.replace(someNode())
const restartPostgres: Fault = ({ postgres }) =>
  postgres.restart(random() < 0.5 ? 'fast' : 'immediate')
const restartRabbitmq: Fault = ({ rabbitmq }) =>
  rabbitmq.restart(random() < 0.5 ? 'SIGTERM' : 'SIGKILL')
const killBoth: Fault = async (parts) => {
  await Promise.all([restartPostgres(parts), killNode(parts)])
}
const faults = [killNode, killBoth, restartPostgres, restartRabbitmq]

test.skipIf(!hasRabbitmq())(
  'three nodes on one queue and one database have every confirmed message once, whoever is killed (Q-03)',
  { timeout: 600_000 },
  async () => {
    console.info(`queues-nodes.test.ts: INDELIBLE_TEST_SEED=${seed}`)
    await using rabbitmq = await startRabbitmq()
    await using postgres = await startPostgres()
    using temporary = createTemporaryFolder()
    const shared = await createSharedStore(postgres, temporary.path)
    const queue = { INDELIBLE_AMQP: rabbitmq.url, INDELIBLE_AMQP_PREFETCH: '50' }
    const environment = { ...nodeOn(shared, shared.store), ...queue }
    await using cluster = await startCluster({
      ...{ random, folder: temporary.path },
      environments: Array.from({ length: nodeCount }, () => environment),
    })
    const publisher = createPublisher(rabbitmq.url, random)
    for (let round = 0; round < rounds; round++) {
      await setTimeout(random.whole(calmMsMax))
      // Each fault in turn, so that every run has all of them.
      await faults[round % faults.length]?.({ cluster, postgres, rabbitmq })
      expect(cluster.endedByThemselves(), `after round ${round}`).toEqual([])
    }
    await publisher.stop()
    const { confirmed, unsure } = publisher
    const kept = await expectKeptOnce(cluster, confirmed)
    expect([...kept.difference(confirmed).difference(unsure)]).toEqual([])
    await using client = await connectRabbitmq(rabbitmq.url)
    const { messageCount } = await client.channel.checkQueue('indelible.events.dead')
    expect(messageCount, 'dead letters').toBe(0)
    expect((await auditData(shared)).findings).toEqual([])
    const figures = { rounds, confirmed: confirmed.size, unsure: unsure.size }
    console.info(`queues-nodes.test.ts: ${JSON.stringify(figures)}`)
  },
)
