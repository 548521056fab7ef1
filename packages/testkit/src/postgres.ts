import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePorts } from './broker.ts'
import {
  assertReachable,
  findPostgres,
  findRunAs,
  type PostgresBinaries,
  type RunAs,
} from './postgres-binaries.ts'
import { createTestDatabase } from './test-store.ts'

/** `fast` ends sessions and shuts down cleanly; `immediate` is a crash: recovery on the next start. */
export type StopMode = 'fast' | 'immediate'

/** A real PostgreSQL of one's own, on a free port. */
export interface TestPostgres extends AsyncDisposable {
  /** Of a database that is there from the start. */
  readonly url: string
  readonly port: number
  /** Makes another database. @returns its URL */
  createDatabase(): Promise<string>
  stop(mode: StopMode): Promise<void>
  /** Starts it again, on the same port and data. Resolves when it takes connections. */
  start(): Promise<void>
  restart(mode: StopMode): Promise<void>
}

interface Cluster {
  readonly binaries: PostgresBinaries
  readonly runAs: RunAs
  readonly data: string
  readonly settings: Readonly<Record<string, string>>
  /** In a temporary folder, for a test: gone with it. */
  readonly isTemporary: boolean
}

/** Why PostgreSQL can't run here, and what to do about it. */
export async function lacksPostgres(): Promise<string | undefined> {
  try {
    findRunAs(await findPostgres())
    return undefined
  } catch (error) {
    return (error as Error).message // a sentence, see there
  }
}

const superuser = 'indelible'
const startAttempts = 5

/**
 * Durability stays on: tests kill it.
 * @param options.settings of postgresql.conf
 * @param options.folder where its data stays for the next start, made if need be; else temporary
 * @throws Error with what the program wrote, where it can't run: another one has the folder, say
 */
export async function startPostgres(
  options: { readonly settings?: Readonly<Record<string, string>>; readonly folder?: string } = {},
): Promise<TestPostgres> {
  const binaries = await findPostgres()
  const runAs = findRunAs(binaries)
  const isTemporary = options.folder === undefined
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'indelible-postgres-'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (runAs.uid !== undefined) {
    assertReachable(folder)
    chownSync(folder, runAs.uid, runAs.gid)
  }
  const { settings = {} } = options
  const cluster = { binaries, runAs, data: join(folder, 'data'), settings, isTemporary }
  try {
    if (!existsSync(cluster.data)) await initialise(cluster, folder)
    return await run(cluster, folder)
  } catch (error) {
    if (isTemporary) rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

const passwordFileOf = (folder: string): string => join(folder, 'password')

/** Under another name until it is whole: what a kill leaves behind is not taken for a cluster. */
async function initialise({ binaries, runAs, data, isTemporary }: Cluster, folder: string) {
  const unfinished = `${data}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const passwordFile = passwordFileOf(folder)
  writeFileSync(passwordFile, randomBytes(12).toString('hex'), { mode: 0o600 })
  if (runAs.uid !== undefined) chownSync(passwordFile, runAs.uid, runAs.gid)
  const child = spawn(
    binaries.initdb,
    [
      ...['--pgdata', unfinished, '--username', superuser, '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
      // What was never started has nothing to lose.
      ...(isTemporary ? ['--no-sync'] : []),
    ],
    { ...runAs, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = collect(child)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${output()}`)
  renameSync(unfinished, data)
}

async function run(cluster: Cluster, folder: string): Promise<TestPostgres> {
  const password = readFileSync(passwordFileOf(folder), 'utf8')
  const { child: first, port } = await startOnFreePort(cluster)
  let child: ChildProcess | undefined = first
  // A test's process that ends without disposing must not leave a server behind.
  const killAtExit = () => void child?.kill('SIGQUIT')
  process.on('exit', killAtExit)
  const urlOf = (database: string) =>
    `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`

  const stop = async (mode: StopMode): Promise<void> => {
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    child = undefined
    await closed
  }
  const start = async (): Promise<void> => {
    child ??= await startServer(cluster, port)
  }
  return {
    url: urlOf('postgres'),
    port,
    stop,
    start,
    createDatabase: () => createTestDatabase(urlOf('postgres')),
    async restart(mode) {
      await stop(mode)
      await start()
    },
    async [Symbol.asyncDispose]() {
      await stop(cluster.isTemporary ? 'immediate' : 'fast')
      process.off('exit', killAtExit)
      if (cluster.isTemporary) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Between finding a free port and taking it, another can take it. */
async function startOnFreePort(cluster: Cluster) {
  for (let attempt = 1; ; attempt++) {
    const [port = 0] = await findFreePorts(1)
    try {
      return { child: await startServer(cluster, port), port }
    } catch (error) {
      const isTaken = String(error).includes('Address already in use')
      if (!isTaken || attempt === startAttempts) throw error
    }
  }
}

async function startServer(cluster: Cluster, port: number): Promise<ChildProcess> {
  const { binaries, runAs, data, settings, isTemporary } = cluster
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(binaries.postgres, ['-D', data, '-p', `${port}`, ...flags], {
    ...runAs,
    cwd: data,
    // A terminal's Ctrl-C must not end what is kept before those that use it.
    detached: !isTemporary,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  })
  const output = collect(child)
  await new Promise<void>((resolve, reject) => {
    const onClose = () => reject(new Error(`PostgreSQL ended: ${output()}`))
    child.once('error', reject)
    child.once('close', onClose)
    child.stderr?.on('data', () => {
      if (!output().includes('ready to accept connections')) return
      child.off('close', onClose)
      resolve()
    })
  })
  return child
}

/** The end of what a program has written. */
function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-4_000)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}
