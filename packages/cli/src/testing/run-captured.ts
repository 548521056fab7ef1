import { Readable, Writable } from 'node:stream'
import type { Shell } from '../core/shell.ts'
import { run } from '../run.ts'

const collect = (chunks: string[], onText?: (text: string) => void): Writable =>
  new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      onText?.(String(chunk))
      done()
    },
  })

export interface Captured {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** How long each wait would have been, in milliseconds. */
  readonly waits: readonly number[]
}

/** Runs a command line in this process: real files, real network, no waiting. */
export async function runCaptured(
  words: readonly string[],
  options: {
    environment?: Shell['environment']
    stdin?: string | Buffer
    /** What happens while the command waits before it tries again; throwing ends the command. */
    duringWait?: () => Promise<void>
    /** Hears what is written to stdout as it comes. */
    onText?: (text: string) => void
  } = {},
): Promise<Captured> {
  const stdout: string[] = []
  const stderr: string[] = []
  const waits: number[] = []
  let found = 0
  const shell: Shell = {
    environment: { INDELIBLE_KEY: 'test-key', ...options.environment },
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: collect(stdout, options.onText),
    stderr: collect(stderr),
    now: Date.now,
    random: () => 0.5,
    sleep: async (ms) => {
      waits.push(ms)
      await options.duringWait?.()
    },
    fetch: globalThis.fetch,
    setExitCode: (code) => {
      found = code
    },
  }
  const code = await run(shell, words)
  return {
    code: code === 0 ? found : code,
    stdout: stdout.join(''),
    stderr: stderr.join(''),
    waits,
  }
}
