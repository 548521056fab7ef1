import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import { type SpawnedServer, spawnServer } from '@indelible/testkit'
import { createClients } from '../clients/clients.ts'
import { compareWithAcknowledged } from '../clients/compare.ts'
import { createWitness } from '../clients/witness.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'

const cyclesOf = { quick: 100, full: 3_000 } as const
/** A mutant that is not found by then is not found. */
const cyclesWithMutant = 30
const clientCount = 16
/** A kill comes this long after the service is ready, at most. */
const lifeMsMax = 400
/** Every so many services one is killed while it starts, and recovers from the kill before. */
const startKillEvery = 10
const startMsMax = 1_000
/** A cycle with fewer acknowledged events before its kill has shown nothing. */
const acknowledgedMin = 10
/** A folder is audited and begun anew after so many cycles, before its audits take the time. */
const cyclesPerFolder = 100

/** SIGKILL at any moment, under load and while the service recovers from the kill before. */
export const killStage: Stage = {
  name: 'kill',
  proves: 'SIGKILL loses, doubles, moves and alters no acknowledged event (embedded store)',
  least: {
    quick: { cycles: 100, acknowledged: 10_000 },
    full: { cycles: 3_000, acknowledged: 300_000 },
  },
  run: runKills,
}

async function runKills(context: StageContext): Promise<Findings> {
  const cycles = context.isMutated ? cyclesWithMutant : cyclesOf[context.tier]
  const totals = { cycles: 0, void: 0, acknowledged: 0, lost: 0, ambiguous: 0, checkpoints: 0 }
  const faults: string[] = []
  for (let round = 0; totals.cycles < cycles && faults.length === 0; round++) {
    const found = await runFolder(context, {
      folder: join(context.folder, String(round)),
      cycles: Math.min(cyclesPerFolder, cycles - totals.cycles),
      progress: (done) => context.progress(totals.cycles + done, cycles),
    })
    for (const [name, count] of Object.entries(found.counts)) {
      totals[name as keyof typeof totals] += count // both are of one making
    }
    faults.push(...found.faults)
  }
  return { counts: totals, faults }
}

/** Kills a service on one data folder again and again, then looks at what is left. */
async function runFolder(
  { random, environment }: StageContext,
  options: {
    readonly folder: string
    readonly cycles: number
    readonly progress: (done: number) => void
  },
): Promise<Findings> {
  const { folder, cycles } = options
  const clients = createClients({ random, count: clientCount })
  const witnesses = ['acme', 'globex', '_system'].map(createWitness)
  const counts = { cycles: 0, void: 0 }

  const killUnderLoad = async (lifeMs: number): Promise<boolean> => {
    const before = clients.acknowledged.size
    const server = await spawnServer({ folder, environment })
    const load = clients.run(server)
    const watch = observe(server)
    await setTimeout(lifeMs)
    await server.kill('SIGKILL')
    await Promise.all([load, watch])
    return clients.acknowledged.size - before >= acknowledgedMin
  }
  /** Cut off by the kill is fine; a checkpoint that does not fit the one before is not. */
  const observe = async (server: SpawnedServer): Promise<void> => {
    try {
      for (const witness of witnesses) await witness.observe(server)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
  const killAtStart = async (): Promise<void> => {
    const killer = new AbortController()
    const { signal } = killer
    const started = spawnServer({ folder, environment, signal }).catch(() => undefined)
    await setTimeout(random.whole(startMsMax))
    killer.abort()
    await (await started)?.kill('SIGKILL')
  }

  for (let n = 1; counts.cycles < cycles && clients.faults.length === 0; n++) {
    if (n % startKillEvery === 0) await killAtStart()
    else if (await killUnderLoad(random.whole(lifeMsMax))) counts.cycles++
    else counts.void++
    options.progress(counts.cycles)
  }
  const server = await spawnServer({ folder, environment })
  await clients.settle(server)
  for (const witness of witnesses) await witness.observe(server)
  const differences = await compareWithAcknowledged(server, clients.acknowledged)
  await server.stop()
  const { findings } = await auditData({ folder })
  const { acknowledged, retried } = clients.figures()
  return {
    counts: {
      ...{ ...counts, acknowledged, ambiguous: retried },
      lost: differences.filter((fault) => fault.endsWith('and lost')).length,
      checkpoints: witnesses.reduce((sum, { seen }) => sum + seen, 0),
    },
    faults: [
      ...clients.faults,
      ...differences,
      ...findings.map((finding) => JSON.stringify(finding)),
    ],
  }
}
