import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@indelible/client'
import {
  createRandom,
  createTemporaryFolder,
  mountSmallDisk,
  readSeed,
  type SpawnedServer,
  spawnServer,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { calm, type Front, startFront, storm } from './client/front.ts'

/** `INDELIBLE_CLIENT_KILLS=50 INDELIBLE_CLIENT_EVENTS=100000` for the long run. */
const kills = Number(process.env.INDELIBLE_CLIENT_KILLS ?? 16)
const events = Number(process.env.INDELIBLE_CLIENT_EVENTS ?? 10_000)
/** What befalls the service lasts for so long, at most. */
const troubleMsMax = 500
const requestTimeoutMs = 300
const diskSize = '512m'

const temporary = createTemporaryFolder()
const disk = mountSmallDisk(join(temporary.path, 'disk'), 'client-kill.test.ts')
afterAll(() => {
  disk?.[Symbol.dispose]()
  temporary[Symbol.dispose]()
})
const folder = join(disk?.path ?? temporary.path, 'data')
const spool = join(temporary.path, 'app.spool')
const seed = readSeed()
const random = createRandom(seed)
const promised = new Set<string>()
const rejected: string[] = []

test('what was promised is in the log once, whoever is killed and whatever the network does', {
  timeout: 1_200_000,
}, async () => {
  console.info(`client-kill.test.ts: INDELIBLE_TEST_SEED=${seed}`)
  if (disk !== undefined) expect(resize(diskSize)).toBe(true)
  await using front = await startFront(random, requestTimeoutMs)
  let server = await start(front)
  const troubles = [
    async () => undefined,
    async () => {
      server = await restart(server, front)
    },
    () => holdStill(server),
    () => fillDisk(front),
  ]
  for (let run = 1; run <= kills; run += 1) {
    front.weather = storm
    const application = await startApplication(front.url, String(run))
    await setTimeout(random.whole(troubleMsMax))
    await troubles[run % troubles.length]?.()
    while (promised.size < (events * run) / kills) await setTimeout(10)
    await kill(application)
  }
  front.weather = calm
  await deliverTheRest(front.url)
  const found = await readAll(server)
  const missing = [...promised].filter((id) => found.get(id) !== 1)
  expect({ missing, rejected }).toEqual({ missing: [], rejected: [] })
  expect([...found.values()].filter((times) => times !== 1)).toEqual([])
  expect(promised.size).toBeGreaterThanOrEqual(events)
  if (disk !== undefined) expect(front.counts.unavailable).toBeGreaterThan(0)
  const kept = found.size
  const figures = JSON.stringify({ kills, promised: promised.size, kept, ...front.counts })
  console.info(`client-kill.test.ts: ${figures}`)
  await server.stop()
})

async function start(front: { behind: string | undefined }): Promise<SpawnedServer> {
  const server = await spawnServer({ folder })
  front.behind = server.url
  return server
}

async function restart(server: SpawnedServer, front: Front): Promise<SpawnedServer> {
  front.behind = undefined
  await server.kill('SIGKILL')
  await setTimeout(random.whole(troubleMsMax))
  return start(front)
}

/** It has its connections, and says nothing. */
async function holdStill({ pid }: SpawnedServer): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await setTimeout(random.whole(troubleMsMax) + requestTimeoutMs)
  process.kill(pid, 'SIGCONT')
}

const resize = (size: string): boolean =>
  spawnSync('mount', ['-o', `remount,size=${size}`, disk?.path ?? '']).status === 0

/** Hardly a byte more, until the service said so. */
async function fillDisk(front: Front): Promise<void> {
  if (disk === undefined) return
  const before = front.counts.unavailable ?? 0
  // It can't be smaller than what is on it, and the service goes on writing.
  for (let isFull = false; !isFull; ) {
    const { bsize, blocks, bfree } = statfsSync(disk.path)
    isFull = resize(String(bsize * (blocks - bfree + 16)))
  }
  while ((front.counts.unavailable ?? 0) === before) await setTimeout(10)
  await setTimeout(random.whole(troubleMsMax))
  expect(resize(diskSize)).toBe(true)
}

/** Resolves when it records. */
async function startApplication(url: string, run: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./client/application.ts', import.meta.url))
  const args = [script, url, testRootKey, spool, run, String(requestTimeoutMs)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  child.on('exit', (code) => reject(new Error(`The application ended with ${code}.`)))
  if (child.stdout === null) throw new Error('The application has no stdout.')
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [kind, id = ''] = line.split(' ')
    if (kind === 'ready') resolve()
    else if (kind === 'x') rejected.push(line)
    else promised.add(id)
  })
  await ready
  return child
}

async function kill(application: ChildProcess): Promise<void> {
  const closed = once(application, 'close')
  application.kill('SIGKILL')
  await closed
}

/** The next start of the application finds the spool. */
async function deliverTheRest(url: string): Promise<void> {
  const client = createClient({
    url,
    key: testRootKey,
    spool,
    onRejected: ({ error }) => rejected.push(error.message),
  })
  await client.flush()
  expect(await client.close()).toEqual({ undelivered: 0 })
}

/** How many times each id is in the log. */
async function readAll(server: SpawnedServer): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const { text } = await server.ask('/v1/export?tenant=app')
  for (const line of text.trim().split('\n')) {
    const { id } = JSON.parse(line).event
    found.set(id, (found.get(id) ?? 0) + 1)
  }
  return found
}
