import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Random } from '@indelible/testkit'
import { folderAt } from '../clients/watched-folder.ts'
import { type CallKind, openDiskFaults } from '../disk/faults.ts'
import { lacksCompiler } from '../harness/compile.ts'
import { preparePlanting } from '../harness/planting.ts'
import { runSideBySide } from '../harness/side-by-side.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { failpointEdits, failpoints, type SceneName, upgradeFailpoints } from './failpoints.ts'
import { createScenes } from './scenes.ts'

/** Named places in the sources, and calls of the operating system: each is a point to be killed at. */
const pointsOf = {
  quick: { named: 44, calls: 20, rounds: 1 },
  full: { named: Number.POSITIVE_INFINITY, calls: 22, rounds: 13 },
} as const
const lanes = 2
/** A folder is begun anew then, before comparing its logs takes the time. */
const pointsPerFolder = 31

/** Calls that a scene makes, and about how often: a point is one of them, before or behind it. */
const callsOf: Readonly<Partial<Record<SceneName, Partial<Record<CallKind, number>>>>> = {
  'first start': { mkdir: 1, open: 12, write: 30, sync: 12, link: 1, unlink: 2 },
  restart: { open: 12, write: 6, sync: 4 },
  load: { write: 60, sync: 20 },
  'index lost': { open: 12, write: 10, sync: 3 },
  stop: { write: 12, sync: 6, unlink: 3 },
  backup: { open: 4, write: 8, sync: 4, rename: 1 },
  reindex: { open: 4, write: 8, sync: 4, rename: 1, unlink: 2 },
  restore: { open: 6, write: 8, sync: 6, link: 2, rename: 1, unlink: 6 },
}

interface KillPoint {
  readonly name: string
  readonly scene: SceneName
  readonly nth: number
  readonly place: string | { readonly kind: CallKind; readonly does: 'kill before' | 'kill after' }
}

/** SIGKILL exactly before and behind every durable step, and between the calls that make them. */
export const killPointsStage: Stage = {
  name: 'kill-points',
  proves:
    'SIGKILL before and behind every durable step loses, doubles, moves and alters nothing (embedded store)',
  least: {
    quick: { points: 60, acknowledged: 1_000 },
    full: { points: 1_000, acknowledged: 20_000 },
  },
  lacks: lacksCompiler,
  run: runPoints,
}

async function runPoints(context: StageContext): Promise<Findings> {
  const points = choosePoints(context)
  const tally = createTally()
  let next = 0
  let done = 0
  await runSideBySide({
    lanes,
    hasMore: () => next < points.length && tally.faults.length === 0,
    async work(n) {
      const own = points.slice(next, next + pointsPerFolder)
      next += own.length
      const onPoint = () => context.progress(++done, points.length)
      tally.add(await runFolder(context, { root: folderAt(context, n), points: own, onPoint }))
    },
  })
  return tally
}

function choosePoints({ tier, random, isMutated }: StageContext): KillPoint[] {
  const { named, calls, rounds } = pointsOf[tier]
  const toPoint = ({ name, scene, passes = 1 }: (typeof failpoints)[number]): KillPoint => ({
    ...{ name: `${scene}, ${name}`, scene, place: name },
    nth: 1 + random.whole(passes),
  })
  if (isMutated)
    return failpoints
      .filter(({ scene }) => scene === 'load')
      .map(toPoint)
      .reverse()
  const round = (): KillPoint[] =>
    shuffle(random, [
      ...shuffle(random, [...failpoints, ...upgradeFailpoints])
        .slice(0, named)
        .map(toPoint),
      ...Array.from({ length: calls }, () => chooseCall(random)),
    ])
  return Array.from({ length: rounds }, round).flat()
}

function chooseCall(random: Random): KillPoint {
  const scenes = Object.entries(callsOf) as [SceneName, Partial<Record<CallKind, number>>][]
  const [scene, kinds] = random.pick(scenes)
  const [kind, times] = random.pick(Object.entries(kinds) as [CallKind, number][])
  const does = random() < 0.5 ? 'kill before' : 'kill after'
  const nth = 1 + random.whole(times)
  return { name: `${scene}, ${does} ${kind} ${nth}`, scene, nth, place: { kind, does } }
}

/** Kills whatever runs on one data folder at one point after the other. */
async function runFolder(
  { random, environment }: StageContext,
  options: {
    readonly root: string
    readonly points: readonly KillPoint[]
    readonly onPoint: () => void
  },
): Promise<Findings> {
  const { root, points, onPoint } = options
  const disk = join(root, 'disk')
  mkdirSync(disk, { recursive: true })
  using calls = openDiskFaults({ below: disk, folder: root })
  const armed = join(root, 'failpoint')
  writeFileSync(armed, '')
  const planted = preparePlanting({
    ...{ environment, edits: failpointEdits, path: join(root, 'edits.json') },
    imports: [pathToFileURL(join(import.meta.dirname, 'failpoint.ts')).href],
  })
  await using scenes = createScenes({
    ...{ disk, random },
    environment: { ...planted, ...calls.environment, PROVE_FAILPOINT: armed },
  })
  const counts = { points: 0, named: 0, unreached: 0 }

  const killAt = async ({ scene, place, nth }: KillPoint): Promise<[boolean, string[]]> => {
    let isArmed = false
    const faults = await scenes.play(scene, () => {
      isArmed = true
      if (typeof place === 'string') writeFileSync(armed, `${place}\n${nth}`)
      else calls.arm({ ...place, nth })
    })
    if (!isArmed) throw new Error(`The scene "${scene}" arms nothing.`)
    const wasKilled =
      typeof place === 'string' ? readFileSync(armed).length === 0 : calls.hits() > 0
    calls.disarm()
    writeFileSync(armed, '')
    return [wasKilled, faults]
  }
  const judge = () => scenes.judge().catch((error: Error) => [`${error.stack}`])
  await scenes.fill()
  for (const point of points) {
    let [wasKilled, faults] = await killAt(point)
    faults.push(...(await judge()))
    for (let { nth } = point; !wasKilled && nth > 1 && faults.length === 0; ) {
      nth = Math.ceil(nth / 2)
      ;[wasKilled, faults] = await killAt({ ...point, nth })
      faults.push(...(await judge()))
    }
    if (wasKilled) counts.points++
    else counts.unreached++
    if (wasKilled && typeof point.place === 'string') counts.named++
    onPoint()
    if (faults.length > 0) {
      return {
        counts: { ...counts, ...scenes.figures() },
        faults: faults.map((fault) => `${point.name}: ${fault}`),
      }
    }
  }
  return { counts: { ...counts, ...scenes.figures() }, faults: [] }
}

const shuffle = <T>(random: Random, all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, at: random() }))
    .sort((left, right) => left.at - right.at)
    .map(({ one }) => one)
