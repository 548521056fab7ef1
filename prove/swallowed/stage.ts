import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, lacksPostgres } from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import { createClients } from '../clients/clients.ts'
import { compareWithAcknowledged, countLost } from '../clients/compare.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { type Services, startEmbedded, startNodes } from '../nodes/start-on-store.ts'
import { createPipelines } from './pipelines.ts'
import { startSilentReceiver } from './silent-receiver.ts'
import { startSwallowingProxy } from './swallowing-proxy.ts'

const swallowedOf = { quick: 20_000, full: 500_000 } as const
/** A mutant that is not found by then is not found. */
const swallowedWithMutant = 2_000
/** Of these each store has its turn, and is then begun anew. */
const swallowedPerTurn = { quick: 10_000, full: 25_000 } as const
/** Each with one request under way: they travel in pipelines. */
const clientCount = 200
/** A busy machine may take long for batches over all logs on three nodes; a mutant has none of them. */
const patienceOf = { usual: 60_000, withMutant: 10_000 } as const
const tenants = Array.from({ length: 8 }, (_, n) => `tenant-${n}`)

/** Answers get lost after the work was done, by the thousand; the requests are sent again. */
export const swallowedStage: Stage = {
  name: 'swallowed',
  proves:
    'A request whose answer was swallowed, and that is sent again, makes one entry for each id, ' +
    'without a gap; telemetry that nobody takes holds up nothing (both stores)',
  least: {
    quick: { swallowed: 20_000, acknowledged: 10_000, 'receivers tried': 2 },
    full: { swallowed: 500_000, acknowledged: 250_000, 'receivers tried': 20 },
  },
  lacks: lacksPostgres,
  run: runSwallowed,
}

async function runSwallowed(context: StageContext): Promise<Findings> {
  const { tier, isMutated, folder } = context
  const total = isMutated ? swallowedWithMutant : swallowedOf[tier]
  const tally = createTally()
  const done = () => tally.counts.swallowed ?? 0
  for (let turn = 0; done() < total && tally.faults.length === 0; turn++) {
    const before = done()
    const home = join(folder, String(turn))
    mkdirSync(home)
    await using receiver = await startSilentReceiver()
    const environment = { ...receiver.environment, ...context.environment }
    const start = turn % 2 === 0 ? startEmbedded : startNodes
    await using running = await start({ ...context, folder: home, environment })
    const swallowed = Math.min(swallowedPerTurn[tier], total - before)
    const onProgress = (n: number) => context.progress(before + n, total)
    tally.add(await swallow(context, { running, swallowed, onProgress }))
    tally.add({ counts: { 'receivers tried': receiver.connections() > 0 ? 1 : 0 }, faults: [] })
  }
  return tally
}

/** Has answers swallowed until there were enough, then looks at what is kept. */
async function swallow(
  { random, isMutated }: StageContext,
  options: {
    readonly running: Services
    readonly swallowed: number
    readonly onProgress: (done: number) => void
  },
): Promise<Findings> {
  const { running, onProgress } = options
  const { cluster, place } = running
  const clients = createClients({ random, count: clientCount, tenants })
  const patienceMs = isMutated ? patienceOf.withMutant : patienceOf.usual
  const faults: string[] = []
  let swallowed = 0
  const onSwallowed = ({ status, json }: Answer): void => {
    if (status > 201) return
    clients.overhear(json.entries ?? [json])
    swallowed++
    if (swallowed % 500 === 0) onProgress(swallowed)
    if (swallowed >= options.swallowed || clients.faults.length > 0) pipelines.stop()
  }
  await using stack = new AsyncDisposableStack()
  const proxies = await Promise.all(
    cluster.nodes.map(async (node) => {
      const port = Number(new URL(node?.url ?? '').port)
      return stack.use(await startSwallowingProxy({ port, random, onSwallowed }))
    }),
  )
  const pipelines = createPipelines({
    ports: proxies.map(({ port }) => port),
    ...{ random, patienceMs },
    onLate() {
      faults.push(`Requests waited, and nothing was answered for ${patienceMs / 1_000} s.`)
      pipelines.stop()
    },
  })
  await clients.run(pipelines).catch((error: Error) => void faults.push(error.message))
  const found = () => [...clients.faults, ...faults]
  if (found().length === 0) {
    await clients.settle(cluster)
    faults.push(...(await compareWithAcknowledged(cluster, clients.acknowledged)))
    for (const node of cluster.nodes) await node?.stop()
    faults.push(...(await audit(place)))
  }
  const { acknowledged, retried, duplicates } = clients.figures()
  return {
    counts: { swallowed, acknowledged, ambiguous: retried, duplicates, lost: countLost(faults) },
    faults: found(),
  }
}
