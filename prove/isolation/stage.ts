import { join } from 'node:path'
import { auditData } from '@indelible/server'
import {
  createRandom,
  createTestSeed,
  lacksPostgres,
  type SpawnedServer,
  spawnServer,
  startPostgres,
} from '@indelible/testkit'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { ask } from './ask.ts'
import type { Cursor, MakeCall } from './call.ts'
import { findCanaries } from './canary.ts'
import { dialectCalls } from './dialect-calls.ts'
import { otherCalls } from './other-calls.ts'
import { readCalls } from './read-calls.ts'
import { openWorld, tenants, type World } from './world.ts'

const callsOf = { quick: 1_000, full: 100_000 } as const
/** A mutant that is not found by then is not found. */
const callsWithMutant = 2_000
const lanes = 8
/** So many calls, then the logs grow: the model must not change while it is asked. */
const callsPerRound = 250
const growth = 2
const storeCount = 2
const callsPerTelling = 50
const faultsMax = 10

const calls: readonly MakeCall[] = [...readCalls, ...otherCalls, ...dialectCalls]

/** Whoever asks what, by whatever grant, on both stores. */
export const isolationStage: Stage = {
  name: 'isolation',
  proves: 'No answer has a byte of what its caller may not see, and none lacks what the caller may',
  least: {
    quick: { calls: 2_000, stores: 2, seen: 4_000, refused: 500, cursors: 25 },
    full: { calls: 200_000, stores: 2, seen: 400_000, refused: 50_000, cursors: 2_500 },
  },
  lacks: lacksPostgres,
  run: runIsolation,
}

async function runIsolation(context: StageContext): Promise<Findings> {
  const counts = { calls: 0, stores: 0, seen: 0, refused: 0, foreign: 0, cursors: 0, grants: 0 }
  const faults: string[] = []
  const seed = context.random.whole(2 ** 31)
  const run = async (store: string, server: SpawnedServer): Promise<void> => {
    const before = counts.calls
    const found = await runStore(server, {
      ...{ ...context, random: createRandom(seed) },
      progress: (done, of) => context.progress(before + done, of * storeCount),
    })
    counts.stores++
    for (const [name, count] of Object.entries(found.counts)) {
      counts[name as keyof typeof counts] += count // both are of one making
    }
    faults.push(...found.faults.map((fault) => `${store}: ${fault}`))
  }
  const folder = join(context.folder, 'data')
  const server = await spawnServer({ folder, environment: context.environment })
  await run('SQLite', server)
  await server.stop()
  const { findings } = await auditData({ folder })
  faults.push(...findings.map((finding) => JSON.stringify(finding)))
  if (context.isMutated || faults.length > 0) return { counts, faults }
  await using postgres = await startPostgres()
  await using node = await spawnServer({
    folder: context.folder,
    environment: {
      ...context.environment,
      INDELIBLE_STORE: await postgres.createDatabase(),
      INDELIBLE_SEED_FILE: createTestSeed(context.folder),
      INDELIBLE_DRAIN_SECONDS: '0',
    },
  })
  await run('PostgreSQL', node)
  return { counts, faults }
}

async function runStore(server: SpawnedServer, context: StageContext): Promise<Findings> {
  const { random, isMutated, tier } = context
  const world = await openWorld(server, random)
  const counts = { calls: 0, seen: 0, refused: 0, foreign: 0, cursors: 0, grants: 0 }
  const faults: string[] = []
  const cursors: Cursor[] = []
  const means = { world, random, server, cursors }
  const total = isMutated ? callsWithMutant : callsOf[tier]
  context.progress(0, total)
  const isOver = () => faults.length >= (isMutated ? 1 : faultsMax)

  const callOnce = async (): Promise<void> => {
    const call = random.pick(calls)(random.pick(world.grants), means)
    const { status, seen, foreign, fault } = await ask(server, call)
    counts.calls++
    if (counts.calls % callsPerTelling === 0) context.progress(counts.calls, total)
    counts.seen += seen
    counts.foreign += foreign
    if (status >= 400) counts.refused++
    if (call.path.includes('cursor=') && status === 200) counts.cursors++
    if (fault !== undefined && !isOver()) faults.push(fault)
    if (cursors.length > 100) cursors.splice(0, 50)
  }
  for (let done = 0; done < total && !isOver(); done += callsPerRound) {
    let left = Math.min(callsPerRound, total - done)
    const lane = async () => {
      while (left-- > 0 && !isOver()) await callOnce()
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    // Larger logs take longer, and say no more.
    if (done < 50 * callsPerRound) await world.append(random.pick(tenants), growth)
  }
  faults.push(...(await compareLogs(server, world)))
  return { counts: { ...counts, grants: world.grants.length }, faults }
}

/** Each log has what was appended to it, and nothing else. */
async function compareLogs(server: SpawnedServer, { entries }: World): Promise<string[]> {
  const faults: string[] = []
  for (const tenant of tenants) {
    const { text } = await server.ask(`/v1/export?tenant=${tenant}`)
    const own = entries.filter((entry) => entry.tenant === tenant)
    const lines = text.trimEnd().split('\n').length
    if (lines !== own.length) faults.push(`${tenant} has ${lines} entries, of ${own.length}.`)
    const found = findCanaries(text)
    if (own.some(({ canary }) => !found.has(canary))) faults.push(`${tenant} lacks an entry.`)
  }
  return faults
}
