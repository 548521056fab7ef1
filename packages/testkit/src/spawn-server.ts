import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createRequests, type TestServer, testAdminPassword, testRootKey } from './start-server.ts'

/** The service as a process of its own, as a person starts it. */
export interface SpawnedServer extends TestServer {
  readonly pid: number
  /** Sends a signal and waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** It is gone, whoever ended it, and all that it wrote was read. */
  hasEnded(): boolean
  /** Everything it wrote to stdout and stderr so far. */
  output(): Buffer
  /** What it wrote to stderr so far. */
  errors(): string
}

export interface SpawnOptions {
  readonly folder: string
  /** Variables beside or over those every test server gets. */
  readonly environment?: Readonly<Record<string, string>>
  /** Flags of Node, before the program. */
  readonly nodeFlags?: readonly string[]
  /** A command that runs the command it is given behind its own arguments: a shell with `ulimit`. */
  readonly wrapper?: readonly [string, ...string[]]
  /** In a process group of its own, which a terminal's Ctrl-C does not reach. */
  readonly isDetached?: boolean
  /** Kills it (SIGKILL) when aborted, ready or not. */
  readonly signal?: AbortSignal
}

const main = join(import.meta.dirname, '../../cli/src/main.ts')

/**
 * Spawns `indelible serve` on a data folder and a free port; resolves when it answers.
 * @throws Error with what it wrote, where it ends before that
 */
export async function spawnServer(options: SpawnOptions): Promise<SpawnedServer> {
  const { folder, environment = {}, nodeFlags = [], wrapper = [], isDetached = false } = options
  const [command = process.execPath, ...args] = [
    ...wrapper,
    ...[process.execPath, ...nodeFlags, main, 'serve', '--json'],
  ]
  const child = spawn(command, args, {
    // The channel tells the service when the tests' process is gone: it ends too.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: isDetached,
    env: {
      ...inherit('PATH', 'NODE_COMPILE_CACHE', 'MALLOC_ARENA_MAX'),
      INDELIBLE_PORT: '0',
      INDELIBLE_DATA: folder,
      INDELIBLE_ROOT_KEY: testRootKey,
      INDELIBLE_ADMIN_PASSWORD: testAdminPassword,
      INDELIBLE_LOG_LEVEL: 'error',
      ...environment,
    },
  })
  const closed = once(child, 'close')
  options.signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  const chunks: Buffer[] = []
  const errorChunks: Buffer[] = []
  const output = () => Buffer.concat(chunks)
  const { promise: announced, resolve, reject } = Promise.withResolvers<string>()
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    const url = /"url":"(http:[^"]+)"/.exec(output().toString())?.[1]
    if (url !== undefined) resolve(url)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    errorChunks.push(chunk)
  })
  let hasEnded = false
  closed.then(() => {
    hasEnded = true
    reject(new Error(`The service ended: ${output()}`))
  }, reject)
  const url = await announced
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await closed
  }
  const stop = () => kill('SIGTERM')
  return {
    url,
    folder,
    pid: child.pid ?? 0,
    ...createRequests(url),
    kill,
    stop,
    hasEnded: () => hasEnded,
    output,
    errors: () => Buffer.concat(errorChunks).toString(),
    [Symbol.asyncDispose]: stop,
  }
}

/** Of the tests' environment only this: a setting of the person's own must not reach the service. */
function inherit(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
