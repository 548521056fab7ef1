import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type SpawnedServer, spawnServer, testRootKey } from '@indelible/testkit'

const program = join(import.meta.dirname, '../../packages/cli/src/main.ts')
const weaken = ['--import', new URL('./weaken.ts', import.meta.url).pathname]
const walPages = '120'
const rounds = 3
const requestsPerRound = 36
const clientCount = 3
const batchEvents = 12
const kills = 3
const requestsPerKill = 16

export interface RecordedFolder {
  /** The folder that was journalled; the data folder lies in it. */
  readonly root: string
  readonly data: string
  readonly journal: string
}

/** Compiles the journal. @returns undefined where there is no C compiler */
export function compileJournal(folder: string): string | undefined {
  const library = join(folder, 'journal.so')
  const source = join(import.meta.dirname, 'journal.c')
  const flags = ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source]
  const { error, status, stderr } = spawnSync('cc', [...flags, '-ldl', '-lpthread'])
  if (error !== undefined) return undefined
  if (status !== 0) throw new Error(`journal.c does not compile: ${stderr}`)
  return library
}

/**
 * Records what a service does to its data folder: a first start, load of singles and batches on
 * two logs with checkpoints in between, a clean stop, a rebuilt index, kills under load after which
 * everything is sent again, and one more start.
 */
export async function recordJournal(options: {
  readonly library: string
  readonly root: string
  readonly journal: string
  /** What log.db really runs with, whatever the service thinks. */
  readonly synchronous?: 'NORMAL'
}): Promise<RecordedFolder> {
  const { library, root, journal, synchronous } = options
  const data = join(root, 'data')
  const environment = {
    LD_PRELOAD: library,
    JOURNAL_FOLDER: root,
    JOURNAL_OUT: journal,
    CRASH_WAL_PAGES: walPages,
    ...(synchronous === undefined ? {} : { CRASH_SYNCHRONOUS: synchronous }),
  }
  const start = () => spawnServer({ folder: data, environment, nodeFlags: weaken })
  const first = await start()
  for (let round = 0; round < rounds; round++) await load(first, `first-${round}`)
  await first.stop()
  reindex(data, environment)
  for (let n = 0; n < kills; n++) {
    const killed = await start()
    const unanswered = await loadUntilKilled(killed, `killed-${n}`)
    const again = await start()
    for (const events of unanswered) await append(again, events)
    await again.kill('SIGKILL')
  }
  const last = await start()
  await load(last, 'last')
  await last.kill('SIGKILL')
  if (!existsSync(journal)) throw new Error('Nothing was journalled: is LD_PRELOAD ignored here?')
  return { root, data, journal }
}

/** Some requests from several clients, then a receipt, which waits for a checkpoint. */
async function load(server: SpawnedServer, name: string): Promise<void> {
  const runClient = async (client: number): Promise<void> => {
    for (let n = client; n < requestsPerRound; n += clientCount) {
      const tenant = n % 2 === 0 ? 'acme' : 'globex'
      const count = n % 4 === 3 ? batchEvents : 1
      await append(server, createEvents(tenant, `${name}.${n}`, count))
    }
  }
  await Promise.all(Array.from({ length: clientCount }, (_, client) => runClient(client)))
  await server.ask(`/v1/events/${name}.0:0of1/receipt?tenant=acme`)
}

type Events = ReturnType<typeof createEvents>

/** Some requests at once, and a kill when the first is answered. @returns all of them */
async function loadUntilKilled(server: SpawnedServer, name: string): Promise<Events[]> {
  const requests = Array.from({ length: requestsPerKill }, (_, n) =>
    createEvents(n % 2 === 0 ? 'acme' : 'globex', `${name}.${n}`, n % 4 === 3 ? batchEvents : 1),
  )
  const answers = requests.map((events) => append(server, events))
  await Promise.race(answers)
  await server.kill('SIGKILL')
  await Promise.allSettled(answers)
  return requests
}

async function append(server: SpawnedServer, events: Events): Promise<void> {
  const { status, text } = await server.post('/v1/events', events.length === 1 ? events[0] : events)
  if (status > 201) throw new Error(`The service answered ${status}: ${text}`)
}

/** Ids say how many belong together: `<request>:<n>of<count>`. */
const createEvents = (tenant: string, request: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    tenant,
    id: `${request}:${n}of${count}`,
    action: 'order.paid',
    actor: { id: `u_${n}`, name: `Person ${n}` },
    context: { ip: '192.0.2.7', agent: 'Mozilla/5.0 (X11; Linux x86_64)', request },
    data: { request, n, note: 'enough text to make an event of an ordinary size '.repeat(4) },
  }))

function reindex(data: string, environment: Record<string, string>): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [...weaken, program, 'reindex', '--json', '--data', data],
    { env: { PATH: process.env.PATH, INDELIBLE_ROOT_KEY: testRootKey, ...environment } },
  )
  if (status !== 0) throw new Error(`reindex failed: ${stderr}`)
}
