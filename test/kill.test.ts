import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { auditData } from '@indelible/server'
import {
  createRandom,
  createTemporaryFolder,
  numberedEvents,
  readSeed,
  type SpawnedServer,
  spawnServer,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { createWitness } from './kill/checkpoints.ts'
import { createClients } from './kill/clients.ts'
import { compareWithAcknowledged } from './kill/compare.ts'

const kills = 100
const clientCount = 16
/** A kill comes this long after the service is ready, at most. */
const lifeMsMax = 400
/** Every so many services one is killed while it starts, and recovers from the kill before. */
const startKillEvery = 10
const startMsMax = 1_000

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())
const folder = join(temporary.path, 'data')
const seed = readSeed()
const random = createRandom(seed)
const clients = createClients({ random, count: clientCount })
const witnesses = ['acme', 'globex', '_system'].map(createWitness)
const startMs: number[] = []

test('no acknowledged event is lost, doubled or changed by 100 kills under load', {
  timeout: 600_000,
}, async () => {
  console.info(`kill.test.ts: INDELIBLE_TEST_SEED=${seed}`)
  for (let n = 1; n <= kills; n++) {
    if (n % startKillEvery === 0) await killAtStart(random.whole(startMsMax))
    else await killUnderLoad(random.whole(lifeMsMax))
    expect(clients.faults, `after kill ${n}`).toEqual([])
  }
  const server = await spawnServer({ folder })
  await clients.settle(server)
  for (const witness of witnesses) await witness.observe(server)
  expect(clients.faults).toEqual([])
  await compareWithAcknowledged(server, clients.acknowledged)
  await server.stop()
  expect((await auditData({ folder })).findings).toEqual([])
  printFigures()
})

test('a service killed with 100,000 entries starts again and has them all', {
  timeout: 120_000,
}, async () => {
  const large = join(temporary.path, 'large')
  const [batches, batchEvents] = [100, 1_000]
  const server = await spawnServer({ folder: large })
  for (let n = 0; n < batches; n++) {
    const events = numberedEvents('acme', batchEvents, n * batchEvents)
    expect((await server.post('/v1/events', events)).status).toBe(201)
  }
  await server.kill('SIGKILL')
  const began = performance.now()
  await using again = await spawnServer({ folder: large })
  const restartMs = Math.round(performance.now() - began)
  console.info(`kill.test.ts: started with ${batches * batchEvents} entries in ${restartMs} ms`)
  expect((await again.ask('/v1/logs/acme')).json.size).toBe(batches * batchEvents)
  const last = batches * batchEvents - 1
  const found = await again.ask(`/v1/events?tenant=acme&actor.id=u_${last}`)
  expect(found.json.entries).toHaveLength(1)
})

async function killUnderLoad(lifeMs: number): Promise<void> {
  const began = performance.now()
  const server = await spawnServer({ folder })
  startMs.push(performance.now() - began)
  const load = clients.run(server)
  const watch = observe(server)
  await setTimeout(lifeMs)
  await server.kill('SIGKILL')
  await load
  await watch
}

/** Cut off by the kill is fine; a checkpoint that does not fit the one before is not. */
async function observe(server: SpawnedServer): Promise<void> {
  try {
    for (const witness of witnesses) await witness.observe(server)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

async function killAtStart(afterMs: number): Promise<void> {
  const killer = new AbortController()
  const started = spawnServer({ folder, signal: killer.signal }).catch(() => undefined)
  await setTimeout(afterMs)
  killer.abort()
  await (await started)?.kill('SIGKILL')
}

function printFigures(): void {
  const sorted = startMs.toSorted((left, right) => left - right)
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)
  const checkpoints = witnesses.reduce((sum, { seen }) => sum + seen, 0)
  const figures = { kills, ...clients.figures(), checkpoints, startMs: [at(0.5), at(0.99)] }
  console.info(`kill.test.ts: ${JSON.stringify(figures)} (startMs: median, p99)`)
}
