import { join } from 'node:path'
import { type SpawnedServer, spawnServer } from '@indelible/testkit'
import { fitTrend, watchMemory } from '../../load/memory.ts'
import { audit } from '../clients/audit.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createFlood, type Flood } from './flood.ts'
import { listDialectShapes } from './from-dialects.ts'
import { type OpenApi, readShapes } from './from-openapi.ts'
import { pageShapes } from './from-pages.ts'
import { createLedgerCheck } from './ledger-check.ts'
import { openStalled } from './stalled.ts'
import { openWorld, prepareWorld, type World } from './world.ts'

const requestsOf = { quick: 50_000, full: 3_000_000 } as const
/** A mutant that is not found by then is not found. */
const requestsWithMutant = 10_000
/** So many go to the same logs; then these are compared with the answers, and others begun. */
const requestsPerWorld = 5_000
/** Growth of resident memory that is none: allocators breathe. */
const growthShareMax = 0.1
/** Shorter runs say nothing of growth: heaps are still being filled. */
const growthJudgedFromMs = 600_000
/** Whatever was sent, no more is ever taken. */
const memoryMbMax = 900

/** Whatever bytes a connection brings, they are answered, or it is ended. */
export const requestsStage: Stage = {
  name: 'requests',
  proves:
    'No request, however malformed, is answered 5xx, hangs, ends the service, fills its memory, or is kept where it was refused',
  least: {
    quick: { requests: 50_000, '2xx': 10_000, shapes: 90, pairs: 2_000, entries: 1_200 },
    full: { requests: 3_000_000, '2xx': 600_000, shapes: 90, pairs: 4_000, entries: 72_000 },
  },
  run: runRequests,
}

async function runRequests(context: StageContext): Promise<Findings> {
  const folder = join(context.folder, 'data')
  const environment = { ...context.environment, INDELIBLE_OTLP_AUDIT: 'draft-2026-09' }
  // With the flags of `npm start`: without them its heaps take twice as much.
  const server = await spawnServer({ folder, environment, nodeFlags: process.execArgv })
  using memory = watchMemory({
    ...{ url: server.url, metricsKey: undefined, now: () => performance.now() },
  })
  const stalled = openStalled(server, context.tier)
  const { flood, entries, shapes, faults } = await runFlood(server, context)
  if (!context.isMutated && faults.length === 0) faults.push(...(await stalled.settle()))
  await memory.take().catch(() => undefined) // it is gone: told below
  faults.push(...(await endService(server, folder)))
  const trend = fitTrend(memory.samples)
  const lengthMs = memory.samples.at(-1)?.atMs ?? 0
  if (trend !== undefined && lengthMs >= growthJudgedFromMs && trend.growthShare > growthShareMax) {
    faults.push(`Its memory grew by ${Math.round(100 * trend.growthShare)} % while it was asked.`)
  }
  const memoryMb = Math.round(trend?.maxMb ?? 0)
  if (memoryMb > memoryMbMax) faults.push(`Its memory came to ${memoryMb} MB.`)
  return {
    counts: {
      ...{ ...flood.counts, shapes, pairs: flood.pairs.size, entries },
      ...{ stalled: stalled.ended, memoryMb },
    },
    faults,
  }
}

async function runFlood(server: SpawnedServer, context: StageContext) {
  const requests = context.isMutated ? requestsWithMutant : requestsOf[context.tier]
  const session = await prepareWorld(server)
  let world: World = await openWorld(server, { session, epoch: 0 })
  const { json: document } = await server.ask('/openapi.json')
  const shapes = [
    ...readShapes(document as OpenApi, () => world),
    ...listDialectShapes(() => world),
    ...pageShapes,
  ]
  const check = createLedgerCheck()
  const seed = context.random.whole(2 ** 31)
  const flood: Flood = createFlood({ server, shapes, seed, check, world: () => world })
  const { faults } = flood
  const isOver = () => server.hasEnded() || (context.isMutated && faults.length > 0)
  for (let from = 0; from < requests && faults.length === 0 && !isOver(); ) {
    const until = Math.min(from + requestsPerWorld, requests)
    await flood.run(from, until, isOver)
    if (isOver()) break
    faults.push(...(await check.compare(server, world)))
    from = until
    world = await openWorld(server, { session, epoch: from })
    context.progress(from, requests)
  }
  const known = new Set([...flood.pairs].map((pair) => pair.split(' with ')[0]))
  return { flood, entries: check.checked, shapes: known.size, faults }
}

/** It is still there, takes and finds what is valid, and what it kept fits its proofs. */
async function endService(server: SpawnedServer, folder: string): Promise<string[]> {
  if (server.hasEnded()) return [`The service ended by itself: ${server.errors().slice(-2_000)}`]
  const event = { action: 'still.here', actor: { id: 'u' }, tenant: 'last' }
  const { status } = await server.post('/v1/events', event)
  const found = await server.ask('/v1/events?tenant=last&q=still')
  const faults = server.errors() === '' ? [] : [`It wrote: ${server.errors().slice(0, 2_000)}`]
  if (status !== 201 || found.json.entries.length !== 1)
    faults.push('It no longer takes what is valid.')
  await server.stop()
  return [...faults, ...(await audit({ folder }))]
}
