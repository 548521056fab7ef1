import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  lacksPostgres,
  startPostgres,
  startPostgresProxy,
  type TestPostgres,
} from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import { createClients } from '../clients/clients.ts'
import { comesTrue } from '../clients/comes-true.ts'
import { compareWithAcknowledged, countLost } from '../clients/compare.ts'
import { createWitness } from '../clients/witness.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { startCluster } from './cluster.ts'
import { faults, type Site } from './faults.ts'
import { createSharedStore, nodeOn, type SharedStore } from './shared-store.ts'

const roundsOf = { quick: 30, full: 1_000 } as const
/** A mutant that is not found by then is not found. */
const roundsWithMutant = 15
const nodeCount = 3
const clientCount = 8
/** Two that all clients fight for, and some that few meet in. */
const tenants = ['acme', 'globex', ...Array.from({ length: clientCount }, (_, n) => `client-${n}`)]
const witnessed = ['acme', 'client-0', '_system']
/** Load before a fault strikes, and after it was mended. */
const loadMsMax = 300
/** A round with fewer acknowledged events has shown nothing. */
const acknowledgedMin = 100
/** A database is audited and begun anew after so many rounds, before its audits take the time. */
const roundsPerDatabase = 100
/** Within this after a fault every node is ready again, by itself. */
const recoveryMsMax = 30_000

const faultNames = Object.keys(faults)
const eachFault = (times: number) => Object.fromEntries(faultNames.map((name) => [name, times]))

/** Nodes, the network and the database fail, one after the other and together, under load. */
export const nodesStage: Stage = {
  name: 'nodes',
  proves:
    'Three nodes lose, double, move and alter no acknowledged event while they, the network and ' +
    'PostgreSQL fail',
  least: {
    quick: { rounds: 30, acknowledged: 3_000, 'COMMITs unanswered': 1, ...eachFault(1) },
    full: { rounds: 1_000, acknowledged: 100_000, 'COMMITs unanswered': 100, ...eachFault(50) },
  },
  lacks: lacksPostgres,
  run: runNodes,
}

async function runNodes(context: StageContext): Promise<Findings> {
  const rounds = context.isMutated ? roundsWithMutant : roundsOf[context.tier]
  const tally = createTally()
  const done = () => tally.counts.rounds ?? 0
  await using postgres = await startPostgres()
  while (done() < rounds && tally.faults.length === 0) {
    const before = done()
    tally.add(
      await runDatabase(context, {
        postgres,
        first: before,
        rounds: Math.min(roundsPerDatabase, rounds - before),
        progress: (n) => context.progress(before + n, rounds),
      }),
    )
    // All of them void: that too few were counted is told by the stage's least counts.
    if (done() === before) break
  }
  return tally
}

/** One database and its nodes, struck again and again; then a look at what is left. */
async function runDatabase(
  { random, folder, environment }: StageContext,
  options: {
    readonly postgres: TestPostgres
    readonly first: number
    readonly rounds: number
    readonly progress: (done: number) => void
  },
): Promise<Findings> {
  const { postgres, first, rounds } = options
  const home = mkdtempSync(join(folder, 'database-'))
  const shared = await createSharedStore(postgres, home)
  await using stack = new AsyncDisposableStack()
  const proxies = await Promise.all(
    Array.from({ length: nodeCount }, async () =>
      stack.use(await startPostgresProxy(shared.store)),
    ),
  )
  const cluster = stack.use(
    await startCluster({
      ...{ random, folder: home },
      environments: proxies.map(({ url }) => ({ ...nodeOn(shared, url), ...environment })),
    }),
  )
  const site: Site = { cluster, postgres, proxies, store: shared.store, random }
  const load = createLoad(site)
  const counts: Record<string, number> = { rounds: 0, void: 0, ...eachFault(0) }
  const done = () => counts.rounds ?? 0
  for (let n = 0; n < rounds && load.faults.length === 0; n++) {
    // One that showed nothing strikes again.
    const name = faultNames[(first + done()) % faultNames.length] ?? ''
    const acknowledged = await load.strike(name)
    const isVoid = acknowledged < acknowledgedMin
    for (const what of isVoid ? ['void'] : ['rounds', name]) counts[what] = (counts[what] ?? 0) + 1
    options.progress(done())
  }
  const found = await load.settle(shared)
  return { counts: { ...counts, ...found.counts }, faults: found.faults }
}

/** Clients and witnesses of one database, and what they have found. */
function createLoad(site: Site) {
  const { cluster, random, proxies } = site
  const clients = createClients({ random, count: clientCount, tenants })
  const witnesses = witnessed.map(createWitness)
  const found: string[] = []
  const observe = async (): Promise<void> => {
    for (const witness of witnesses) await witness.observe(cluster)
  }
  return {
    get faults() {
      return [...clients.faults, ...found]
    },
    /** One round. @returns how many events were acknowledged in it */
    async strike(name: string): Promise<number> {
      const before = clients.acknowledged.size
      const acknowledged = () => clients.acknowledged.size - before
      const running = clients.run(cluster).catch((error: Error) => void found.push(error.message))
      await setTimeout(random.whole(loadMsMax))
      await faults[name]?.(site)
      await setTimeout(random.whole(loadMsMax))
      // On a machine that is busy the round takes longer to show anything.
      const isShown = () => acknowledged() >= acknowledgedMin || found.length > 0
      await comesTrue(isShown, recoveryMsMax)
      cluster.takeLoad(false)
      await running
      cluster.takeLoad(true)
      const late = await untilReady(site)
      found.push(...late.map((fault) => `After "${name}": ${fault}`))
      if (late.length === 0) await observe()
      return acknowledged()
    },
    async settle(shared: SharedStore): Promise<Findings> {
      const { acknowledged } = clients
      const lostCommits = proxies.reduce((sum, proxy) => sum + proxy.unansweredCommits(), 0)
      const counts = { lost: 0, 'COMMITs unanswered': lostCommits }
      if (found.length + clients.faults.length === 0) {
        await clients.settle(cluster)
        const differences = await compareWithAcknowledged(cluster, acknowledged)
        await observe()
        counts.lost = countLost(differences)
        found.push(...differences, ...(await audit(shared)))
      }
      const checkpoints = witnesses.reduce((sum, { seen }) => sum + seen, 0)
      const ambiguous = clients.figures().retried
      return {
        counts: { acknowledged: acknowledged.size, ambiguous, ...counts, checkpoints },
        faults: [...clients.faults, ...found],
      }
    },
  }
}

/** Waits until every node is ready again. @returns what is not, a sentence each */
async function untilReady({ cluster }: Site): Promise<string[]> {
  const deadline = performance.now() + recoveryMsMax
  const check = async (node: (typeof cluster.nodes)[number]): Promise<string[]> => {
    for (;;) {
      if (node === undefined || node.hasEnded())
        return [`a node ended by itself: ${node?.errors()}`]
      const { status, text, json } = await node.ask('/readyz').catch(() => unreachable)
      if (status === 200) return []
      if (json?.deadThreads?.length > 0) return [`a thread died: ${text}`]
      if (performance.now() > deadline) return [`a node did not recover: ${status} ${text}`]
      await setTimeout(50)
    }
  }
  return (await Promise.all(cluster.nodes.map(check))).flat()
}

const unreachable = { status: 0, text: 'no answer', json: undefined }
