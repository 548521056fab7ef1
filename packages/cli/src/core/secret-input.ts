import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Shell } from './shell.ts'

/** Swallows what readline would echo. */
const silent = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })

async function ask(shell: Shell, question: string): Promise<string> {
  const isTty = shell.stdin.isTTY === true
  if (isTty) shell.stderr.write(question)
  const reader = createInterface({ input: shell.stdin, output: silent(), terminal: isTty })
  try {
    for await (const line of reader) return line
    return ''
  } finally {
    reader.close()
    if (isTty) shell.stderr.write('\n')
  }
}

/**
 * A password, without echo on a terminal and from the first line of stdin elsewhere. Never a flag:
 * what stands on a command line can be read by every process of the machine.
 */
export async function readPassword(shell: Shell, options: { isNew: boolean }): Promise<string> {
  const password = await ask(shell, options.isNew ? 'New password: ' : 'Password: ')
  if (password === '') {
    throw new Failure(exitCodes.usage, 'No password: type it, or give it as a line on stdin.')
  }
  if (options.isNew && shell.stdin.isTTY === true) {
    const again = await ask(shell, 'Once more: ')
    if (again !== password) throw new Failure(exitCodes.usage, 'The two are not the same.')
  }
  return password
}
