import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@indelible/client'
import {
  createRandom,
  createTemporaryFolder,
  readSeed,
  type SpawnedServer,
  spawnServer,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { calm, startFront } from './client/front.ts'

/** `INDELIBLE_CLIENT_KILLS=50` for the long run. */
const kills = Number(process.env.INDELIBLE_CLIENT_KILLS ?? 20)
/** An application lives for so long after its start, at most. */
const lifeMsMax = 500
/** The service is killed and restarted every so many applications. */
const serverKillEvery = 4

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())
const folder = join(temporary.path, 'data')
const spool = join(temporary.path, 'app.spool')
const seed = readSeed()
const random = createRandom(seed)
const promised = new Set<string>()
const rejected: string[] = []

test('what was promised is in the log once, whoever is killed and whatever the network does', {
  timeout: 300_000,
}, async () => {
  console.info(`client-kill.test.ts: INDELIBLE_TEST_SEED=${seed}`)
  await using front = await startFront(random)
  let server = await start(front)
  for (let run = 1; run <= kills; run += 1) {
    front.weather = { refusing: 0.15, cutBefore: 0.1, cutAfter: 0.15 }
    const application = await startApplication(front.url, String(run))
    await setTimeout(random.whole(lifeMsMax))
    if (run % serverKillEvery === 0) {
      front.behind = undefined
      await server.kill('SIGKILL')
      await setTimeout(random.whole(lifeMsMax))
      server = await start(front)
    }
    await kill(application)
  }
  front.weather = calm
  await deliverTheRest(front.url)
  const found = await readAll(server)
  const missing = [...promised].filter((id) => found.get(id) !== 1)
  expect({ missing, rejected }).toEqual({ missing: [], rejected: [] })
  expect([...found.values()].filter((times) => times !== 1)).toEqual([])
  expect(promised.size).toBeGreaterThan(kills * 10)
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

/** Resolves when it records. */
async function startApplication(url: string, run: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./client/application.ts', import.meta.url))
  const child = spawn(process.execPath, [script, url, testRootKey, spool, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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
