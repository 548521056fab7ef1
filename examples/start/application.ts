import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The example's own process. Disposing asks it to stop, and waits until it has. */
export interface Application extends AsyncDisposable {
  /** Resolves with its exit code. */
  readonly ended: Promise<number>
}

/** Ends the example with the starter, however that ended: nothing is left behind that holds a port. */
const endWithStarter =
  "process.once('disconnect', () => process.kill(process.pid, 'SIGTERM')); process.channel?.unref()"

/** Runs `src/main.ts` of an example. */
export function startApplication(options: {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}): Application {
  const { folder, environment } = options
  const preload = `data:text/javascript,${encodeURIComponent(endWithStarter)}`
  const args = [...process.execArgv, '--import', preload, join(folder, 'src/main.ts')]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
    // A group of its own: a terminal's Ctrl-C comes from us alone, once.
    detached: true,
  })
  const ended = once(child, 'exit').then(([code]): number => (typeof code === 'number' ? code : 1))
  return {
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
