import { join } from 'node:path'
import {
  createRandom,
  lacksPostgres,
  type SpawnedServer,
  spawnServer,
  startPostgres,
} from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import { runSideBySide } from '../harness/side-by-side.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { createSharedStore, nodeOn } from '../nodes/shared-store.ts'
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
    full: { calls: 200_000, stores: 2, seen: 400_000, refused: 50_000, cursors: 1_000 },
  },
  lacks: lacksPostgres,
  run: runIsolation,
}

async function runIsolation(context: StageContext): Promise<Findings> {
  const tally = createTally()
  const seed = context.random.whole(2 ** 31)
  const run = async (store: string, server: SpawnedServer): Promise<void> => {
    const before = tally.counts.calls ?? 0
    const { counts, faults } = await runStore(server, {
      ...{ ...context, random: createRandom(seed) },
      progress: (done, of) => context.progress(before + done, of * storeCount),
    })
    tally.add({
      counts: { ...counts, stores: 1 },
      faults: faults.map((fault) => `${store}: ${fault}`),
    })
  }
  const folder = join(context.folder, 'data')
  const server = await spawnServer({ folder, environment: context.environment })
  await run('SQLite', server)
  await server.stop()
  tally.add({ counts: {}, faults: await audit({ folder }) })
  if (context.isMutated || tally.faults.length > 0) return tally
  await using postgres = await startPostgres()
  const shared = await createSharedStore(postgres, context.folder)
  const environment = { ...nodeOn(shared, shared.store), ...context.environment }
  await using node = await spawnServer({ folder: context.folder, environment })
  await run('PostgreSQL', node)
  return tally
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
    const due = Math.min(callsPerRound, total - done)
    await runSideBySide({ lanes, hasMore: (n) => n < due && !isOver(), work: callOnce })
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
