import { createProcessShell } from './core/shell.ts'
import { run } from './run.ts'

// `indelible search … | head` ends the reader first; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const code = await run(createProcessShell(), process.argv.slice(2))
// A command that did its work but found something wrong has set the code itself.
if (code !== 0) process.exitCode = code
