import { CommanderError } from 'commander'
import { type ExitCode, exitCodes } from './core/exit-codes.ts'
import { Failure } from './core/failure.ts'
import { protectNegatedTerms } from './core/search-flags.ts'
import type { Shell } from './core/shell.ts'
import { visible, visibleJson } from './core/visible-text.ts'
import { createProgram } from './program.ts'

const queryCommands = new Set(['search', 'tail', 'export'])

function tellFailure(shell: Shell, failure: Failure, isJson: boolean): void {
  const { message, code, errors, exitCode } = failure
  if (isJson) {
    shell.stderr.write(`${visibleJson({ detail: message, code, errors, exit: exitCode })}\n`)
    return
  }
  const lines = message.split('\n').map(visible)
  // A detail that quotes its only fault has said it all.
  const isSaid = errors.length === 1 && errors.every(({ detail }) => message.includes(detail))
  const faults = (isSaid ? [] : errors).map(({ pointer, detail }) =>
    visible(`  ${pointer || '/'}: ${detail}`),
  )
  shell.stderr.write(`${[...lines, ...faults].join('\n')}\n`)
}

/** The system refused a file (no such file, no permission, no space), or a port. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error

const describeSystemError = (error: NodeJS.ErrnoException): Failure =>
  new Failure(
    error.code === 'ENOSPC' || error.code === 'EIO' ? exitCodes.unreachable : exitCodes.usage,
    error.code === 'EADDRINUSE'
      ? `${error.message}. Stop what listens there, or take another port: INDELIBLE_PORT, or --port.`
      : `${error.message}.`,
    { code: error.code },
  )

/** Runs one command line to its end. @returns the exit code; nothing is thrown but bugs. */
export async function run(shell: Shell, words: readonly string[]): Promise<ExitCode> {
  const [command = '', ...rest] = words
  const protectedWords = queryCommands.has(command)
    ? [command, ...protectNegatedTerms(rest)]
    : [...words]
  try {
    await createProgram(shell).parseAsync(protectedWords, { from: 'user' })
    return exitCodes.fine
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are asked for, or what was typed is wrong; it has been said by then.
      return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage
    }
    const failure = isSystemError(error) ? describeSystemError(error) : error
    if (!(failure instanceof Failure)) throw failure
    tellFailure(shell, failure, words.includes('--json'))
    return failure.exitCode
  }
}
