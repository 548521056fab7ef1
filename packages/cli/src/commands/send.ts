import type { Head } from '@indelible/protocol'
import { type Command, Option } from 'commander'
import type { Client } from '../core/client.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { collect } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

interface Flags extends RemoteOptions {
  readonly actor?: string
  readonly target?: readonly string[]
  readonly data?: readonly string[]
  readonly context?: readonly string[]
  readonly before?: string
  readonly after?: string
  readonly outcome?: string
  readonly source?: string
  readonly time?: string
  readonly id?: string
  readonly tenant?: string
}

const examples = `
Without an action, events are read from stdin: one JSON object, an array, or NDJSON.
Give an --id where the same command may run twice: the same event is kept once.

Examples:
  $ indelible send invoice.paid --actor u_1 --target invoice:42 --data plan=pro --data total=12.5
  $ indelible send user.login --actor user:zoe --outcome denied --context ip=203.0.113.9
  $ indelible send plan.changed --actor u_1 --before '{"plan":"free"}' --after '{"plan":"pro"}'
  $ indelible send < events.ndjson
`

/** `invoice:42` → `{ type: 'invoice', id: '42' }`; without a colon there is only an id. */
export function parseReference(text: string): { type?: string; id: string } {
  const colon = text.indexOf(':')
  return colon <= 0 || colon === text.length - 1
    ? { id: text }
    : { type: text.slice(0, colon), id: text.slice(colon + 1) }
}

/** JSON where it is JSON that isn't a string, else text: `12.5` is a number, `pro` a text. */
function parseValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    // An id of many digits must not lose any.
    const isExact = typeof value !== 'number' || String(value) === text
    return isExact ? value : text
  } catch {
    return text
  }
}

/** `['plan=pro', 'size=2']` → `{ plan: 'pro', size: 2 }`. */
export function parseMembers(flag: string, members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    members.map((member) => {
      const equals = member.indexOf('=')
      if (equals <= 0) {
        throw new Failure(exitCodes.usage, `${flag} takes name=value, not "${member}".`)
      }
      return [member.slice(0, equals), parseValue(member.slice(equals + 1))]
    }),
  )
}

function parseState(flag: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure(exitCodes.usage, `${flag} takes a JSON object, not "${text}".`)
  }
}

/** The event that the flags describe. @throws {Failure} usage */
export function createEvent(action: string, flags: Flags): Record<string, unknown> {
  if (flags.actor === undefined) {
    throw new Failure(exitCodes.usage, 'Who did it? Give --actor, such as --actor user:u_1.')
  }
  const { outcome, source, time, id, tenant, before, after } = flags
  const changes = {
    ...(before === undefined ? {} : { before: parseState('--before', before) }),
    ...(after === undefined ? {} : { after: parseState('--after', after) }),
  }
  const members = {
    action,
    actor: parseReference(flags.actor),
    targets: flags.target?.map(parseReference),
    ...{ outcome, source, time, id, tenant },
    context: flags.context && parseMembers('--context', flags.context),
    changes: Object.keys(changes).length === 0 ? undefined : changes,
    data: flags.data && parseMembers('--data', flags.data),
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

async function readAll(shell: Shell): Promise<Buffer<ArrayBuffer>> {
  if (shell.stdin.isTTY === true) {
    throw new Failure(exitCodes.usage, 'Give an action, or events on stdin. See --help.')
  }
  const chunks: Buffer[] = []
  for await (const chunk of shell.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Sends stdin as it is: what is in it is for the service to judge. */
async function sendInput(shell: Shell, client: Client): Promise<readonly Head[]> {
  const body = await readAll(shell)
  if (body.length === 0) shell.stderr.write('Nothing to send: stdin is empty.\n')
  const isNdjson = !isJson(body.toString('utf8'))
  const answer = await client.json<Head | { entries: readonly Head[] }>('/v1/events', {
    method: 'POST',
    headers: { 'content-type': isNdjson ? 'application/x-ndjson' : 'application/json' },
    body,
  })
  return 'entries' in answer ? answer.entries : [answer]
}

async function printHeads(output: Output, heads: readonly Head[]): Promise<void> {
  for (const head of heads) {
    if (output.isJson) await output.json(head)
    else {
      const repeat = head.duplicate === true ? '  (already there)' : ''
      await output.line(visible(`${head.id}  ${head.tenant} ${head.index}  ${head.hash}${repeat}`))
    }
  }
}

export function registerSend(program: Command, shell: Shell): void {
  const command = program
    .command('send')
    .summary('submit events')
    .description('Submits one event described by flags, or events from stdin; prints their heads.')
    .argument('[action]', 'what was done, such as invoice.paid')
    .option('--actor <[type:]id>', 'who did it')
    .option('--target <[type:]id>', 'on what; repeatable', collect)
    .option('--data <name=value>', 'anything else; repeatable', collect)
    .option('--context <name=value>', 'from where, such as ip=203.0.113.9; repeatable', collect)
    .option('--before <json>', 'state before')
    .option('--after <json>', 'state after')
    .addOption(
      new Option('--outcome <outcome>').choices(['success', 'failure', 'denied', 'unknown']),
    )
    .option('--source <name>', 'which service says so')
    .option('--time <time>', 'when it happened, RFC 3339 (default: now)')
    .option('--id <id>', 'idempotency key')
    .option('--tenant <name>', 'whose log')
    .addHelpText('after', examples)
  addRemoteFlags(command).action(async (action: string | undefined, flags: Flags) => {
    const client = connect(shell, flags)
    const heads =
      action === undefined
        ? await sendInput(shell, client)
        : [await client.send<Head>('POST', '/v1/events', createEvent(action, flags))]
    await printHeads(createOutput(shell, flags), heads)
  })
}
