import { limits } from '@indelible/protocol'
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
  $ indelible serve --store postgres://indelible@db.internal/audit --seed-file /etc/indelible/seed
  $ indelible serve --host 0.0.0.0 --root-key-file /run/secrets/root-key
`

/**
 * How long a stop may take before it becomes one as by a crash: open answers have their grace, and
 * what was acknowledged and counted until then is still to be signed and written down.
 */
const stopMsMax = limits.shutdownGraceMs + 10_000

/**
 * systemd and a terminal signal every process of a group, and our launcher passes on what it gets:
 * what comes again within this time is the same request to stop, and must not cut the drain short.
 */
const sameSignalMs = 1_000

/** Resolves with the signal that asks the process to stop; a later one stops it at once. */
function untilStopped(now: () => number): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    const ask = (signal: NodeJS.Signals): void => {
      if (askedAt !== undefined && now() - askedAt > sameSignalMs) process.exit(exitCodes.fine)
      askedAt ??= now()
      resolve(signal)
    }
    process.on('SIGINT', ask)
    process.on('SIGTERM', ask)
    // Whoever launched us over a channel died without a word: hold neither port nor folder.
    process.on('disconnect', () => process.exit(exitCodes.fine))
    // Listening must not keep a service alive that could not start.
    process.channel?.unref()
  })
}

const limitStop = (): void => {
  setTimeout(() => process.exit(exitCodes.fine), stopMsMax).unref()
}

interface FirstStart {
  readonly adminPassword?: string
  readonly rootKey?: string
}

async function announce(
  output: Output,
  {
    url,
    version,
    firstStart,
    keyVariable,
  }: { url: string; version: string; firstStart: FirstStart; keyVariable: string },
): Promise<void> {
  if (output.isJson) return output.json({ url, firstStart })
  const { adminPassword, rootKey } = firstStart
  const where = `${url}; console: ${url}/console, API: ${url}/docs`
  const lines = [`Indelible ${version} listens on ${where}`]
  if (adminPassword !== undefined || rootKey !== undefined) {
    lines.push('', 'First start. These are shown this once; keep them safe:')
  }
  if (rootKey !== undefined) lines.push(`  root key        ${rootKey}`)
  if (adminPassword !== undefined) lines.push(`  admin password  ${adminPassword}  (user: admin)`)
  lines.push('', ...describeFirstSteps(url, rootKey ?? keyVariable))
  for (const line of lines) await output.line(line)
}

/** Where a shell most likely has the key: a later start shows none. */
const nameKeyVariable = ({ environment }: Shell): string =>
  environment.INDELIBLE_ROOT_KEY ? '$INDELIBLE_ROOT_KEY' : '$INDELIBLE_KEY'

/** What to paste first: commands that work as they stand. */
function describeFirstSteps(url: string, key: string): string[] {
  const header = `-H "Authorization: Bearer ${key}"`
  const event =
    '{"action":"document.shared","actor":{"id":"u_1","name":"Ada"},' +
    '"targets":[{"type":"document","id":"d_7"}]}'
  return [
    'Send an event:',
    `  curl ${url}/v1/events ${header} -H "Content-Type: application/json" -d '${event}'`,
    'Find it again:',
    `  curl "${url}/v1/events?actor.id=u_1" ${header}`,
    'Prove it, offline (ID: the id you were answered; VKEY: the log\'s "vkey"):',
    `  curl ${url}/v1/events/ID/receipt ${header} > receipt.json`,
    `  curl ${url}/v1/logs/default ${header}`,
    '  npx indelible verify receipt.json --key VKEY',
  ]
}

async function serve(shell: Shell, flags: { json?: boolean }): Promise<void> {
  // Loaded here, so that the other commands start without the service.
  const { readConfig, startServer, version } = await import('@indelible/server')
  const output = createOutput(shell, flags)
  const { environment } = overlayFlags(shell, { ...flags })
  const stopped = untilStopped(shell.now)
  let isStarted = false
  // Asked before it listens: nobody is waiting for an answer.
  void stopped.then(() => isStarted || limitStop())
  try {
    await using server = await startServer(readConfig(environment))
    isStarted = true
    const { url, firstStart, warnings } = server
    for (const warning of warnings) output.note(`WARNING: ${warning}`)
    await announce(output, { url, version, firstStart, keyVariable: nameKeyVariable(shell) })
    // SIGTERM comes from what runs the service; a person who presses Ctrl-C would rather not wait.
    if ((await stopped) === 'SIGTERM') await server.drain()
    limitStop()
  } catch (error) {
    throw describeRefusal(error, exitCodes.unreachable)
  }
}

export function registerServe(program: Command, shell: Shell): void {
  const command = program
    .command('serve')
    .summary('run the service')
    .description(
      'Runs the service until it is stopped. One data folder has one service; one PostgreSQL database any number.',
    )
    .addHelpText('after', examples)
  addJson(addServiceFlags(command, 'service')).action((flags: { json?: boolean }) =>
    serve(shell, flags),
  )
}
