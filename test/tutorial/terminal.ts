import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A shell as a person has it. Disposing ends whatever runs in it. */
export interface Terminal extends AsyncDisposable {
  /** Types a line; `written` begins anew. */
  type(line: string): void
  /** What was written since. */
  written(): string
  /** Ctrl-C. */
  interrupt(): void
}

export function openTerminal(options: {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}): Terminal {
  // A process group of its own, which Ctrl-C goes to, as on a real terminal.
  const { folder: cwd, environment: env } = options
  const shell = spawn('bash', { cwd, env, detached: true })
  const closed = once(shell, 'close')
  let written = ''
  const listen = (chunk: Buffer): void => {
    written += chunk
  }
  shell.stdout.on('data', listen)
  shell.stderr.on('data', listen)
  // The shell outlives a Ctrl-C, what it runs doesn't.
  shell.stdin.write('exec 2>&1; trap : INT\n')
  const signal = (name: NodeJS.Signals): void => {
    if (shell.pid !== undefined) process.kill(-shell.pid, name)
  }
  return {
    type(line) {
      written = ''
      shell.stdin.write(`${line}\n`)
    },
    written: () => written,
    interrupt: () => signal('SIGINT'),
    async [Symbol.asyncDispose]() {
      signal('SIGKILL')
      await closed
    },
  }
}
