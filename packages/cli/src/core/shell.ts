import type { Readable, Writable } from 'node:stream'

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything a command touches of the process it runs in; injected so that tests can look on. */
export interface Shell {
  readonly environment: Environment
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** Unix milliseconds. */
  readonly now: () => number
  /** 0 <= x < 1, for jitter. */
  readonly random: () => number
  /** Resolves after `ms`. */
  readonly sleep: (ms: number) => Promise<void>
  readonly fetch: typeof fetch
  /** What a command that did its work but found something wrong ends with. */
  setExitCode(code: number): void
}

export function createProcessShell(): Shell {
  return {
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    fetch: globalThis.fetch,
    setExitCode: (code) => {
      process.exitCode = code
    },
  }
}
