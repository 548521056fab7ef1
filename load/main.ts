// npm run load [-- --help]: sends events at a chosen rate, and proves that what was acknowledged is
// there.
import { CommanderError } from 'commander'
import { type ExitCode, exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { Failure } from '../packages/cli/src/core/failure.ts'
import { visible } from '../packages/cli/src/core/visible-text.ts'
import { createProgram, type LoadOptions } from './options.ts'
import { createLive } from './progress.ts'
import { formatReport } from './report.ts'
import { runLoad } from './run.ts'

/** The launcher passes on the Ctrl-C that the terminal has sent here, too. */
const sameSignalMs = 1_000

function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController()
  let at: number | undefined
  const interrupt = (): void => {
    if (at !== undefined && performance.now() - at > sameSignalMs) process.exit(130)
    at ??= performance.now()
    interrupted.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return interrupted.signal
}

async function load(options: LoadOptions): Promise<void> {
  const live = createLive({ stderr: process.stderr, now: () => performance.now() })
  const signal = untilInterrupted()
  const report = await runLoad({ options, environment: process.env, live, signal })
  const text = options.json === true ? JSON.stringify(report, undefined, 2) : formatReport(report)
  process.stdout.write(`${text}\n`)
  if (report.checks.some(({ holds }) => holds === false)) process.exitCode = exitCodes.wrong
}

/** What a run that came to no report ends with; a bug must not look like a finding. */
function tell(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage
  }
  if (!(error instanceof Failure)) {
    console.error(error)
    return exitCodes.unreachable
  }
  process.stderr.write(`${visible(error.message)}\n`)
  return error.exitCode
}

try {
  await createProgram(load).parseAsync()
} catch (error) {
  process.exitCode = tell(error)
}
