import { setTimeout } from 'node:timers/promises'
import { createWatchedFolder, folderAt } from '../clients/watched-folder.ts'
import { runSideBySide } from '../harness/side-by-side.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'

const cyclesOf = { quick: 100, full: 3_000 } as const
/** A mutant that is not found by then is not found. */
const cyclesWithMutant = 24
const lanes = 2
const clientCount = 16
/** A kill comes so long after the cycle has acknowledged enough to count, at most. */
const lifeMsMax = 150
/** How long that may take before the cycle is void. */
const patienceMs = 20_000
/** Every so many services one is killed while it starts, and recovers from the kill before. */
const startKillEvery = 10
const startMsMax = 1_000
/** A cycle with fewer acknowledged events before its kill has shown nothing. */
const acknowledgedMin = 50
/** A folder is audited and begun anew after so many cycles, before its comparisons take the time. */
const cyclesPerFolder = { quick: 25, full: 50, withMutant: 2 } as const

/** SIGKILL at any moment, under load and while the service recovers from the kill before. */
export const killStage: Stage = {
  name: 'kill',
  proves: 'SIGKILL loses, doubles, moves and alters no acknowledged event (embedded store)',
  least: {
    quick: { cycles: 100, acknowledged: 5_000 },
    full: { cycles: 3_000, acknowledged: 150_000 },
  },
  run: runKills,
}

async function runKills(context: StageContext): Promise<Findings> {
  const { tier, isMutated } = context
  const cycles = isMutated ? cyclesWithMutant : cyclesOf[tier]
  const perFolder = cyclesPerFolder[isMutated ? 'withMutant' : tier]
  const tally = createTally()
  let begun = 0
  let done = 0
  await runSideBySide({
    lanes,
    hasMore: () => begun < cycles && tally.faults.length === 0,
    async work(n) {
      const own = Math.min(perFolder, cycles - begun)
      begun += own
      const folder = folderAt(context, n)
      const onCycle = () => context.progress(++done, cycles)
      tally.add(await runFolder(context, { folder, cycles: own, onCycle }))
    },
  })
  return tally
}

/** Kills a service on one data folder again and again, then looks at what is left. */
async function runFolder(
  { random, environment }: StageContext,
  options: { readonly folder: string; readonly cycles: number; readonly onCycle: () => void },
): Promise<Findings> {
  const { folder, cycles, onCycle } = options
  const watched = createWatchedFolder({ folder, random, environment, clients: clientCount })
  const { clients } = watched
  const counts = { cycles: 0, void: 0, kills: 0 }

  const killUnderLoad = async (lifeMs: number): Promise<boolean> => {
    const before = clients.acknowledged.size
    const server = await watched.start()
    const load = watched.load(server)
    const isShown = () => clients.acknowledged.size - before >= acknowledgedMin
    for (let waited = 0; !isShown() && waited < patienceMs; waited++) await setTimeout(1)
    await setTimeout(lifeMs)
    await server.kill('SIGKILL')
    await load
    return isShown()
  }
  const killAtStart = async (): Promise<void> => {
    const killer = new AbortController()
    const started = watched.start({ signal: killer.signal }).catch(() => undefined)
    await setTimeout(random.whole(startMsMax))
    killer.abort()
    await (await started)?.kill('SIGKILL')
  }
  for (; counts.cycles < cycles && clients.faults.length === 0; counts.kills++) {
    if (counts.kills % startKillEvery === startKillEvery - 1) await killAtStart()
    else if (await killUnderLoad(random.whole(lifeMsMax))) counts.cycles++
    else counts.void++
    onCycle()
  }
  const server = await watched.start()
  const differences = await watched.judge(server)
  await server.stop()
  const findings = await watched.audit()
  return {
    counts: { ...counts, ...watched.figures() },
    faults: [...differences, ...findings],
  }
}
