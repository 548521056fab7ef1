import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that Linux hands out by itself, above those that `fetch` refuses. */
const ports = { from: 11_000, until: 32_768 }

/**
 * Ports that nobody listened on a moment ago, and that nobody is given who asks for any: what is
 * ended and started again finds its port as it left it.
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const free = new Set<number>()
  while (free.size < count) {
    const port = randomInt(ports.from, ports.until)
    if (await isFree(port)) free.add(port)
  }
  return [...free]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false // taken
  }
  server.close()
  await once(server, 'close')
  return true
}

/** PEM files of a broker that also asks its clients for a certificate. */
export interface BrokerTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A program and all it starts, ended together. */
export interface ProcessGroup {
  /** Everything it wrote. */
  output(): string
  /** Resolves when it wrote this. @throws Error with what it wrote, where it ends before */
  wrote(text: string): Promise<void>
  /** Ends it, and waits until it has. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export function spawnGroup(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ProcessGroup {
  const child: ChildProcess = spawn(command, args, {
    // A group of its own: what a start script leaves behind is ended with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...environment },
  })
  let written = ''
  let look: (() => void) | undefined
  const exited = once(child, 'close')
  let isOver = false
  const note = (chunk: Buffer): void => {
    written += chunk.toString()
    look?.()
  }
  child.stdout?.on('data', note)
  child.stderr?.on('data', note)
  exited.then(
    () => {
      isOver = true
      look?.()
    },
    (error: Error) => note(Buffer.from(error.message)),
  )
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!isOver && child.pid !== undefined) process.kill(-child.pid, signal)
    if (!isOver) await exited
  }
  // A test that is cut off leaves nothing running.
  const onExit = () => {
    if (!isOver && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  process.on('exit', onExit)
  void exited.then(() => process.off('exit', onExit))
  return {
    output: () => written,
    wrote: (text) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (written.includes(text)) resolve()
          else if (isOver) reject(new Error(`${command} ended: ${written}`))
        }
        look()
      }),
    end,
  }
}

/**
 * Whether a program's tests can run here: skipped with a hint on a person's machine that has it not,
 * failed in CI.
 */
export function isInstalled(found: boolean, hint: string): boolean {
  if (found) return true
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(`SKIPPED: ${hint}`)
  return false
}
