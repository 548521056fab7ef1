import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Head } from '@indelible/protocol'
import { type SpawnedServer, spawnServer } from '@indelible/testkit'
import { assertTaken } from '../clients/assert-taken.ts'
import { runCommand } from '../clients/run-command.ts'
import { appendMark } from '../journal/journal.ts'
import type { Mark } from './expectations.ts'

const often = ['--import', new URL('./checkpoint-often.ts', import.meta.url).pathname]

/** What a service and its commands did to the folders below one. */
export interface Recording {
  readonly name: string
  /** The data folders and backups lie in it. */
  readonly root: string
  readonly journal: string
  /** A copy of what lay in it when the journal began; undefined where nothing did. */
  readonly before: string | undefined
  /** Of all services in it, hex. */
  readonly seed: string
  /** Nobody was killed in it: the files are what the journal makes of them. */
  readonly isWhole: boolean
}

/** Runs services and commands below one folder, and has all that they do there written down. */
export interface Recorder {
  readonly root: string
  pathOf(folder: string): string
  /** Starts a service on a folder: what it answers from now on is promised for that folder. */
  start(folder: string): Promise<SpawnedServer>
  /** @throws Error with what it wrote, where the command fails */
  run(...args: readonly string[]): Promise<void>
  mark(mark: Mark): void
}

/**
 * @param options.before a folder whose content lies in the recorded one from the beginning
 * @param options.environment of all services and commands
 */
export async function record(options: {
  readonly name: string
  readonly library: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly before?: string
  /** The data folder whose seed is everybody's. */
  readonly seedOf: string
  readonly isWhole: boolean
  readonly scenario: (recorder: Recorder) => Promise<void>
}): Promise<Recording> {
  const { name, library, folder, before, isWhole, scenario } = options
  const root = join(folder, name)
  const journal = `${root}.journal`
  mkdirSync(root, { recursive: true })
  if (before !== undefined) cpSync(before, root, { recursive: true })
  const environment = {
    ...options.environment,
    ...{ LD_PRELOAD: library, JOURNAL_FOLDER: root, JOURNAL_OUT: journal },
  }
  const pathOf = (name: string): string => join(root, name)
  await scenario({
    root,
    pathOf,
    start(name) {
      appendMark(journal, JSON.stringify({ folder: name, isServed: true } satisfies Mark))
      return spawnServer({ folder: pathOf(name), environment, nodeFlags: often })
    },
    async run(...args) {
      const { code, signal, output } = await runCommand(args, environment, often)
      if (code !== 0) throw new Error(`indelible ${args[0]} ended by ${signal ?? code}: ${output}`)
    },
    mark: (mark) => appendMark(journal, JSON.stringify(mark)),
  })
  if (!existsSync(journal)) throw new Error('Nothing was journalled: is LD_PRELOAD ignored here?')
  const seed = readFileSync(join(pathOf(options.seedOf), 'seed')).toString('hex')
  return { name, root, journal, before, seed, isWhole }
}

const batchEvents = 12
const clientCount = 3
const tenants = ['acme', 'globex'] as const
type Events = ReturnType<typeof createEvents>

/** Requests of singles and batches on two logs. */
export const createRequests = (name: string, count: number): Events[] =>
  Array.from({ length: count }, (_, n) =>
    createEvents(tenants[n % 2] ?? 'acme', `${name}.${n}`, n % 4 === 3 ? batchEvents : 1),
  )

/** Ids say how many belong together: `<request>:<n>of<count>`. */
export const createEvents = (tenant: string, request: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    tenant,
    id: `${request}:${n}of${count}`,
    action: 'order.paid',
    actor: { id: `u_${n}`, name: `Person ${n}` },
    context: { ip: '192.0.2.7', agent: 'Mozilla/5.0 (X11; Linux x86_64)', request },
    data: { request, n, note: 'enough text to make an event of an ordinary size '.repeat(4) },
  }))

/** @returns heads */
export async function append(server: SpawnedServer, events: Events): Promise<readonly Head[]> {
  const isBatch = events.length !== 1
  const { json } = await assertTaken(server.post('/v1/events', isBatch ? events : events[0]))
  return isBatch ? json.entries : [json]
}

/** Some requests from several clients. @returns all heads */
export async function load(server: SpawnedServer, requests: readonly Events[]): Promise<Head[]> {
  const heads: Head[] = []
  const next = requests.values()
  const runClient = async (): Promise<void> => {
    for (const events of next) heads.push(...(await append(server, events)))
  }
  await Promise.all(Array.from({ length: clientCount }, runClient))
  return heads
}

/** Waits for a checkpoint that covers an event, and holds the service to it. */
export async function showReceipt(
  { mark }: Pick<Recorder, 'mark'>,
  server: SpawnedServer,
  { folder, head }: { readonly folder: string; readonly head: Head | undefined },
): Promise<void> {
  if (head === undefined) throw new Error('Nothing was appended.')
  const { tenant, id, index } = head
  await assertTaken(server.ask(`/v1/events/${id}/receipt?tenant=${tenant}`))
  mark({ folder, shown: { tenant, size: index + 1 } })
}
