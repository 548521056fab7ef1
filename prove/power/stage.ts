import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { compileLibrary, lacksCompiler } from '../harness/compile.ts'
import type { Findings, Stage, StageContext, Tier } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { journalSource } from '../journal/journal.ts'
import type { Recording } from './recorder.ts'
import type { ReplayReport } from './replay.ts'
import type { ReplayMessage, ReplayOrder } from './replay-process.ts'
import { scenarios } from './scenarios.ts'

const plans = {
  /** The states of a point beside the two extremes are drawn: more of them need fewer recordings. */
  quick: { states: 20_000, tornMax: 12, restarts: 2, replays: 1 },
  full: { states: 1_000_000, tornMax: 40, restarts: 4, replays: 2 },
} as const satisfies Record<Tier, unknown>
const tornMaxWithMutant = 2

/**
 * A power cut, simulated: what the service did to its files is recorded call by call, and every
 * moment in between is turned into what a disk may hold then. docs/explanation/durability.md
 */
export const powerStage: Stage = {
  name: 'power',
  proves:
    'a power cut between any two system calls takes nothing that was promised (embedded store)',
  least: {
    quick: { states: 20_000, points: 2_000, acknowledged: 1_200, restarts: 6 },
    full: { states: 1_000_000, points: 15_000, acknowledged: 10_000, restarts: 100 },
  },
  lacks: lacksCompiler,
  run: runPower,
}

async function runPower(context: StageContext): Promise<Findings> {
  const { isMutated, progress } = context
  const plan = plans[context.tier]
  const library = compileLibrary(journalSource, context.folder)
  const tally = createTally()
  const done = () => tally.counts.states ?? 0
  const running = new Set<Promise<void>>()

  const replay = async (recording: Recording): Promise<void> => {
    const onProgress = (states: number) => progress(done() + states, plan.states)
    const order = createOrder(recording, context)
    const { faults, ...counts } = await runReplay(order, onProgress)
    tally.add({ counts: { ...counts, recordings: 1 }, faults })
  }
  /** While one is replayed the next is recorded. */
  const begin = async (recording: Recording): Promise<void> => {
    while (running.size >= plan.replays) await Promise.race(running)
    const one = replay(recording).finally(() => running.delete(one))
    running.add(one)
    if (isMutated) await one
  }
  for (let round = 0; done() < plan.states && tally.faults.length === 0; round++) {
    const folder = join(context.folder, String(round))
    for (const scenario of scenarios) {
      if (tally.faults.length > 0) break
      progress(done(), plan.states)
      await begin(await scenario.record({ ...context, library, folder }))
    }
    await Promise.all(running)
    rmSync(folder, { recursive: true })
    if (isMutated) break
  }
  return tally
}

function createOrder(recording: Recording, { tier, random, isMutated }: StageContext): ReplayOrder {
  const { tornMax, restarts } = plans[tier]
  const seed = random.whole(2 ** 31)
  if (!isMutated) return { recording, seed, tornMax, restarts, endsAtFault: false }
  return { recording, seed, tornMax: tornMaxWithMutant, restarts: 0, endsAtFault: true }
}

/** Outside of the planted services: what a process is told here changes nothing of the checks. */
async function runReplay(
  order: ReplayOrder,
  onProgress: (states: number) => void,
): Promise<ReplayReport> {
  const child = fork(join(import.meta.dirname, 'replay-process.ts'))
  let report: ReplayReport | undefined
  let stack = ''
  child.on('message', (message: ReplayMessage) => {
    if (message.kind === 'progress') onProgress(message.states)
    else if (message.kind === 'replayed') report = message.report
    else stack = message.stack
  })
  child.send(order)
  const [code, killedBy] = await once(child, 'close')
  if (report !== undefined) return report
  throw new Error(`The replay ended by ${killedBy ?? code}: ${stack}`)
}
