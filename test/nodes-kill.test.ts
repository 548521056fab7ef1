import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import { createRandom, readSeed, startPostgres, type TestPostgres } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { createClients } from '../prove/clients/clients.ts'
import { compareWithAcknowledged } from '../prove/clients/compare.ts'
import { createWitness } from '../prove/clients/witness.ts'
import { type Cluster, startCluster } from '../prove/nodes/cluster.ts'

const rounds = 50
const nodeCount = 3
const clientCount = 8
/** Two that all clients fight for, and some that few meet in. */
const tenants = ['acme', 'globex', ...Array.from({ length: clientCount }, (_, n) => `client-${n}`)]
/** Load before a fault strikes, and after it was mended. */
const loadMsMax = 300
/** Longer than the database lets a stopped node hold a log's head. */
const stopMsMax = 6_000

const seed = readSeed()
const random = createRandom(seed)

test('three nodes on one PostgreSQL lose and double nothing while nodes and database are killed', {
  timeout: 900_000,
}, async () => {
  console.info(`nodes-kill.test.ts: INDELIBLE_TEST_SEED=${seed}`)
  await using postgres = await startPostgres()
  await using cluster = await startCluster({ postgres, random, nodes: nodeCount })
  const clients = createClients({ random, count: clientCount, tenants })
  const witnesses = ['acme', 'client-0', '_system'].map(createWitness)
  const counts = new Map<string, number>()
  for (let round = 1; round <= rounds; round++) {
    const fault = faults[random.whole(faults.length)] ?? faults[0]
    counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1)
    cluster.takeLoad(true)
    const load = clients.run(cluster)
    await setTimeout(random.whole(loadMsMax))
    await fault(cluster, postgres)
    await setTimeout(random.whole(loadMsMax))
    cluster.takeLoad(false)
    await load
    cluster.takeLoad(true)
    for (const witness of witnesses) await observe(witness, cluster)
    expect(clients.faults, `after round ${round}: ${fault.name}`).toEqual([])
    expect(cluster.endedByThemselves(), `after round ${round}: ${fault.name}`).toEqual([])
  }
  while (clients.figures().pending > 0) await clients.settle(cluster).catch(() => setTimeout(100))
  expect(clients.faults).toEqual([])
  expect(await compareWithAcknowledged(cluster, clients.acknowledged)).toEqual([])
  for (const witness of witnesses) await observe(witness, cluster)
  const { store, seedFile } = cluster
  expect((await auditData({ store, seedFile })).findings).toEqual([])
  const checkpoints = witnesses.reduce((sum, { seen }) => sum + seen, 0)
  const figures = { rounds, ...Object.fromEntries(counts), ...clients.figures(), checkpoints }
  console.info(`nodes-kill.test.ts: ${JSON.stringify(figures)}`)
})

type Fault = (cluster: Cluster, postgres: TestPostgres) => Promise<void>

const someNode = () => random.whole(nodeCount)

const killNode: Fault = (cluster) => cluster.replace(someNode())
const killTwoNodes: Fault = async (cluster) => {
  const first = someNode()
  await Promise.all([cluster.replace(first), cluster.replace((first + 1) % nodeCount)])
}
const restartFast: Fault = (_, postgres) => postgres.restart('fast')
const restartImmediate: Fault = (_, postgres) => postgres.restart('immediate')
const restartUnderKill: Fault = async (cluster, postgres) => {
  await Promise.all([postgres.restart('immediate'), cluster.replace(someNode())])
}
/** In mid-append for all it knows; it goes on as if nothing had been. */
const pauseNode: Fault = async ({ nodes }) => {
  const node = nodes[someNode()]
  if (node === undefined) return
  process.kill(node.pid, 'SIGSTOP')
  await setTimeout(random.whole(stopMsMax))
  process.kill(node.pid, 'SIGCONT')
}
const faults = [
  ...[killNode, killTwoNodes, restartFast],
  ...[restartImmediate, restartUnderKill, pauseNode],
] as const

/** A node or the database may be on its way up; a checkpoint that forks is never excused. */
async function observe(witness: ReturnType<typeof createWitness>, cluster: Cluster): Promise<void> {
  for (;;) {
    const { status } = await cluster.ask('/v1/logs')
    if (status === 200) break
  }
  await witness.observe(cluster)
}
