import { exitCodes } from './core/exit-codes.ts'
import { createProcessShell } from './core/shell.ts'
import { run } from './run.ts'

// `indelible search … | head` ends the reader first; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.fine)
  throw error
})
// A bug of ours must not look like a finding of a check, which is what Node's own 1 would mean.
process.on('uncaughtException', (error) => {
  console.error(error)
  process.exit(exitCodes.unreachable)
})

const code = await run(createProcessShell(), process.argv.slice(2))
// A command that did its work but found something wrong has set the code itself.
if (code !== exitCodes.fine) process.exitCode = code
