import type { Command } from 'commander'
import { describeRefusal } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput, type Output } from '../core/output.ts'
import { addJson } from '../core/remote-flags.ts'
import { addServiceFlags, overlayFlags } from '../core/service-flags.ts'
import type { Shell } from '../core/shell.ts'

const examples = `
The first start makes a root key and a password for the user admin, and prints them once.
Stop with Ctrl-C or SIGTERM; a kill loses nothing that was acknowledged.

Examples:
  $ indelible serve
  $ indelible serve --port 8080 --data /var/lib/indelible --origin audit.example.com
  $ INDELIBLE_ROOT_KEY=$(openssl rand -hex 32) indelible serve --host 0.0.0.0
`

/** How long open requests may hold up a stop: after it they are cut, as by a crash. */
const stopMsMax = 10_000

/** Resolves when somebody asks the process to stop; the second time it stops at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false
    const ask = (): void => {
      if (isAsked) process.exit(exitCodes.fine)
      isAsked = true
      setTimeout(() => process.exit(exitCodes.fine), stopMsMax).unref()
      resolve()
    }
    process.on('SIGINT', ask)
    process.on('SIGTERM', ask)
    // Whoever launched us over a channel died without a word: hold neither port nor folder.
    process.on('disconnect', () => process.exit(exitCodes.fine))
  })
}

interface FirstStart {
  readonly adminPassword?: string
  readonly rootKey?: string
}

async function announce(output: Output, url: string, firstStart: FirstStart): Promise<void> {
  if (output.isJson) return output.json({ url, firstStart })
  const { adminPassword, rootKey } = firstStart
  await output.line(`Indelible listens on ${url} (console: ${url}/console)`)
  if (adminPassword === undefined && rootKey === undefined) return
  await output.line('First start. These are shown this once; keep them safe:')
  if (rootKey !== undefined) await output.line(`  root key        ${rootKey}`)
  if (adminPassword !== undefined) {
    await output.line(`  admin password  ${adminPassword} (user: admin)`)
  }
}

async function serve(shell: Shell, flags: { json?: boolean }): Promise<void> {
  // Loaded here, so that the other commands start without the service.
  const { readConfig, startServer } = await import('@indelible/server')
  const output = createOutput(shell, flags)
  const stopped = untilStopped()
  try {
    await using server = await startServer(readConfig(overlayFlags(shell, { ...flags })))
    await announce(output, server.url, server.firstStart)
    await stopped
  } catch (error) {
    throw describeRefusal(error, exitCodes.unreachable)
  }
}

export function registerServe(program: Command, shell: Shell): void {
  const command = program
    .command('serve')
    .summary('run the service')
    .description('Runs the service until it is stopped. One data folder has one service.')
    .addHelpText('after', examples)
  addJson(addServiceFlags(command, 'service')).action((flags: { json?: boolean }) =>
    serve(shell, flags),
  )
}
