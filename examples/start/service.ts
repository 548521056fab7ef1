import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** This repository's own service as a child; ended when disposed. */
interface Service extends AsyncDisposable {
  readonly url: string
  /** Of its own user `admin`; at the first start alone. */
  readonly adminPassword: string | undefined
  pid(): number | undefined
}

interface ServiceOptions {
  readonly folder: string
  readonly rootKey: string
  /** 0: any that is free. */
  readonly port: number
  readonly say: (line: string) => void
}

/** What `serve --json` writes first. */
interface Announcement {
  readonly url: string
  readonly firstStart: { readonly adminPassword?: string }
}

const program = join(import.meta.dirname, '../../packages/cli/src/main.ts')

/** Long enough to watch the example do without it. */
const restartMs = 10_000

/**
 * Starts the service, and starts it again on the same port where it ends on its own: killing it
 * shows that the example answers, and that its events arrive afterwards.
 * @throws Error with what it wrote, where it does not start
 */
export async function spawnService(options: ServiceOptions): Promise<Service> {
  const { say } = options
  let child = spawnOnce(options)
  const { url, firstStart } = await readAnnouncement(child)
  const port = Number(new URL(url).port)
  let restart: NodeJS.Timeout | undefined
  let isEnding = false
  const watch = (): void => {
    child.once('exit', (code, signal) => {
      if (isEnding) return
      say(`Indelible ended (${signal ?? code}); it starts again in ${restartMs / 1_000} s`)
      restart = setTimeout(() => {
        child = spawnOnce({ ...options, port })
        say(`Indelible starts again, process ${child.pid}`)
        watch()
      }, restartMs)
    })
  }
  watch()
  return {
    url,
    adminPassword: firstStart.adminPassword,
    pid: () => child.pid,
    async [Symbol.asyncDispose]() {
      isEnding = true
      clearTimeout(restart)
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function spawnOnce({ folder, rootKey, port }: ServiceOptions): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, program, 'serve', '--json'], {
    // The channel tells the service when we are gone, however that happened: it ends too.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...withoutOwnSettings(process.env),
      INDELIBLE_PORT: String(port),
      INDELIBLE_DATA: folder,
      INDELIBLE_ROOT_KEY: rootKey,
      INDELIBLE_LOG_LEVEL: 'warn',
    },
    // A group of its own: a terminal's Ctrl-C must not end it before the example.
    detached: true,
  })
}

/** Settings for another Indelible of this person's: its store, its password. */
const withoutOwnSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('INDELIBLE_')))

function readAnnouncement(child: ChildProcess): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.once('error', reject)
    const hint = 'Does this example run already? DATA_FOLDER names another folder.'
    const why = `Indelible did not start; what it says is above. ${hint}`
    child.once('exit', () => reject(new Error(why)))
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk
      if (!text.includes('\n')) return
      resolve(JSON.parse(text.split('\n')[0] ?? '') as Announcement) // as `serve --json` writes it
    })
  })
}
