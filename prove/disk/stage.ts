import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { folderAt } from '../clients/watched-folder.ts'
import { lacksCompiler } from '../harness/compile.ts'
import { runSideBySide } from '../harness/side-by-side.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { type CallKind, callKinds, type DiskFault, diskErrors, openDiskFaults } from './faults.ts'
import { createTrials, type TrialName, trialNames } from './trials.ts'

const pointsOf = { quick: 100, full: 2_000 } as const
const pointsWithMutant = 20
const lanes = 2
/** A folder is begun anew then, before comparing its logs takes the time. */
const pointsPerFolder = 50
/** Of a kind that a trial makes more often, so many are tried, all along its way. */
const callsPerKindMax = 60

/** One call that fails, in one trial. */
interface ErrorPoint extends DiskFault {
  readonly trial: TrialName
}

/** Each call on the disk fails, once and for good. */
export const ioErrorsStage: Stage = {
  name: 'io-errors',
  proves:
    'where any call on the disk fails, an event is acknowledged and kept or refused, and nothing is answered wrongly or hangs (embedded store)',
  least: {
    quick: { points: 100, refused: 20, stopped: 5, acknowledged: 500 },
    full: { points: 2_000, refused: 400, stopped: 100, acknowledged: 10_000 },
  },
  lacks: lacksCompiler,
  run: runErrors,
}

async function runErrors(context: StageContext): Promise<Findings> {
  const { isMutated, tier } = context
  const wanted = isMutated ? pointsWithMutant : pointsOf[tier]
  const points = await listPoints(context)
  const counts = { points: 0, unreached: 0, possible: points.length }
  const tally = createTally()
  const next = points.values()
  const isEnough = () => counts.points >= wanted || tally.faults.length > 0
  let isOver = false
  const takePoint = (): ErrorPoint | undefined => {
    const { value, done = false } = isEnough() ? { value: undefined, done: true } : next.next()
    isOver ||= done
    return value
  }
  await runSideBySide({
    lanes: isMutated ? 1 : lanes,
    hasMore: () => !isOver,
    async work(n) {
      await using folder = openFolder(context, folderAt(context, n))
      for (let tried = 0; tried < pointsPerFolder; tried++) {
        const point = takePoint()
        if (point === undefined) break
        const { wasHit, told } = await folder.tryPoint(point)
        if (wasHit) counts.points++
        else counts.unreached++
        context.progress(counts.points, wanted)
        tally.add({ counts: {}, faults: told })
      }
      tally.add({ counts: folder.counts(), faults: [] })
    },
  })
  return { counts: { ...counts, ...tally.counts }, faults: tally.faults }
}

/** A data folder that is tried, with what lets its disk fail. */
function openFolder({ random, environment }: StageContext, root: string) {
  const disk = join(root, 'disk')
  mkdirSync(disk, { recursive: true })
  const calls = openDiskFaults({ below: disk, folder: root })
  const trials = createTrials({ disk, random, environment, calls })
  return {
    counts: trials.counts,
    /** How often each kind of call is made in a trial in which nothing fails. */
    async measure(trial: TrialName): Promise<Record<CallKind, number>> {
      let made = calls.calls()
      const faults = await trials.play(trial, calls.count, () => {
        made = calls.calls()
      })
      if (faults.length > 0) throw new Error(`With no fault at all: ${faults.join('; ')}`)
      return made
    },
    async tryPoint(point: ErrorPoint) {
      const { trial, kind, nth, does, isForGood } = point
      let last = ''
      let wasHit = false
      const found = await trials
        .play(
          trial,
          () => calls.arm(point),
          () => {
            wasHit = calls.hits() > 0
            last = calls.last()
          },
        )
        .catch((error: Error) => [`${error.stack}`])
      const what = `${trial}, ${does} of ${kind} ${nth}${isForGood ? ' and all later' : ''} (${last})`
      return { wasHit, told: found.map((fault) => `${what}: ${fault}`) }
    },
    async [Symbol.asyncDispose]() {
      await trials[Symbol.asyncDispose]()
      calls[Symbol.dispose]()
    },
  }
}

/** Every call of every trial with every error, in an order by lot. */
async function listPoints(context: StageContext): Promise<ErrorPoint[]> {
  const { random, isMutated } = context
  await using folder = openFolder(context, join(context.folder, 'measured'))
  const points: { point: ErrorPoint; at: number }[] = []
  for (const trial of isMutated ? (['running'] as const) : trialNames) {
    const calls = await folder.measure(trial)
    context.progress(0, pointsOf[context.tier])
    for (const kind of callKinds) {
      if (isMutated && kind !== 'sync') continue
      const step = Math.max(1, Math.ceil(calls[kind] / callsPerKindMax))
      for (let nth = 1; nth <= calls[kind]; nth += step) {
        for (const does of diskErrors) {
          for (const isForGood of isMutated ? [false] : [false, true]) {
            points.push({ point: { trial, kind, nth, does, isForGood }, at: random() })
          }
        }
      }
    }
  }
  return points.sort((left, right) => left.at - right.at).map(({ point }) => point)
}
