import { readFile } from 'node:fs/promises'
import { text as readText } from 'node:stream/consumers'
import type { RedactionRule, RedactionRuleInfo, RedactionRuleRequest } from '@indelible/protocol'
import { type Command, Option } from 'commander'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { describeFileError } from '../core/file-failure.ts'
import { collect } from '../core/numbers.ts'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'

interface RuleFlags extends RemoteOptions {
  /** The rule's `key`; `--key` is the API key in every command. */
  readonly field?: string
  readonly pattern?: string
  readonly path?: readonly string[]
  readonly action: RedactionRule['action']
}

const examples = `
What holds is for what comes in from then on; what was kept is not rewritten.

Examples:
  $ indelible redaction preview event.json --pattern 'CASE-*'
  $ indelible redaction set case-number --pattern 'CASE-*'
  $ indelible redaction set salary --path changes.before.salary --path changes.after.salary --action drop
  $ indelible redaction list
  $ indelible redaction remove case-number
`

const rulePath = (name: string): string => `/v1/redaction/rules/${encodeURIComponent(name)}`

function toRequest({ field, pattern, path, action }: RuleFlags): RedactionRuleRequest {
  return {
    ...(field === undefined ? {} : { key: field }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(path === undefined ? {} : { paths: [...path] }),
    action,
  }
}

const describeFinds = ({ key, pattern, paths = [], description }: RedactionRuleInfo): string =>
  [key, pattern, ...paths, description].filter((one) => one !== undefined).join(' ')

async function list(shell: Shell, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  const { rules } = await connect(shell, flags).json<{ rules: readonly RedactionRuleInfo[] }>(
    '/v1/redaction',
  )
  const header = ['NAME', 'FROM', 'STATE', 'ACTION', 'LOOKS FOR', 'CHANGED BY']
  await printTable(output, rules, header, (rule) => [
    ...[rule.name, rule.origin, rule.state, rule.action, describeFinds(rule)],
    rule.changedBy ?? '',
  ])
}

async function set(shell: Shell, name: string, flags: RuleFlags): Promise<void> {
  const output = createOutput(shell, flags)
  const rule = await connect(shell, flags).send<RedactionRule>(
    'PUT',
    rulePath(name),
    toRequest(flags),
  )
  if (output.isJson) await output.json(rule)
  else output.note(`The rule ${visible(rule.name)} holds for what comes in from now on.`)
}

async function remove(shell: Shell, name: string, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  await connect(shell, flags).json(rulePath(name), { method: 'DELETE' })
  if (output.isJson) await output.json({ name, removed: true })
  else output.note(`The rule ${visible(name)} is removed: what it finds is kept from now on.`)
}

async function switchBuiltIn(
  shell: Shell,
  name: string,
  flags: RemoteOptions,
  enabled: boolean,
): Promise<void> {
  const output = createOutput(shell, flags)
  const path = `/v1/redaction/built-in/${encodeURIComponent(name)}`
  const state = await connect(shell, flags).send<{ name: string }>('PUT', path, { enabled })
  if (output.isJson) return output.json(state)
  const words = enabled ? 'on' : 'off: such secrets are kept from now on, for good'
  output.note(`The built-in rule ${visible(name)} is ${words}.`)
}

async function preview(shell: Shell, file: string | undefined, flags: RuleFlags): Promise<void> {
  const output = createOutput(shell, flags)
  const event = parseEvent(await readInput(shell, file))
  const { field, pattern, path } = flags
  const isTried = [field, pattern, path].some((find) => find !== undefined)
  const rule = isTried ? { rule: { name: 'new-rule', ...toRequest(flags) } } : {}
  const client = connect(shell, flags)
  const shown = await client.send<{ event: unknown }>('POST', '/v1/redaction/preview', {
    event,
    ...rule,
  })
  if (output.isJson) await output.json(shown.event)
  else await output.indented(shown.event)
}

function readInput(shell: Shell, file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return readText(shell.stdin)
  return readFile(file, 'utf8').catch((error: Error) => {
    throw describeFileError('read', file, error)
  })
}

function parseEvent(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure(
      exitCodes.usage,
      'The event is not JSON: give one object, as "send" takes it.',
    )
  }
}

const addRuleFlags = (command: Command): Command =>
  command
    .option('--field <name>', 'looks for fields of this name; * is any run')
    .option('--pattern <text>', 'looks for such texts; # digit, ? letter or digit, * a run')
    .option('--path <path>', 'looks in this place: data.*.ssn; repeatable', collect)
    .addOption(
      new Option('--action <action>', 'what is done with it')
        .choices(['mask', 'hash', 'drop'])
        .default('mask'),
    )

export function registerRedaction(program: Command, shell: Shell): void {
  const redaction = program
    .command('redaction')
    .summary('what is taken out of events before they are kept')
    .description('Rules of redaction; for those who administer every tenant.')
    .addHelpText('after', examples)
  addRemoteFlags(redaction.command('list').description('Lists every rule.')).action(
    (flags: RemoteOptions) => list(shell, flags),
  )
  const setting = redaction.command('set').description('Adds a rule, or replaces it.')
  addRemoteFlags(addRuleFlags(setting.argument('<name>', 'as marks show it'))).action(
    (name: string, flags: RuleFlags) => set(shell, name, flags),
  )
  const removing = redaction.command('remove').description('Removes a rule.')
  addRemoteFlags(removing.argument('<name>', 'the rule')).action(
    (name: string, flags: RemoteOptions) => remove(shell, name, flags),
  )
  for (const verb of ['disable', 'enable'] as const) {
    const isOn = verb === 'enable'
    const switching = redaction
      .command(verb)
      .description(`Switches a built-in rule ${isOn ? 'on' : 'off'}.`)
      .argument('<name>', 'the built-in rule')
    addRemoteFlags(switching).action((name: string, flags: RemoteOptions) =>
      switchBuiltIn(shell, name, flags, isOn),
    )
  }
  const previewing = redaction
    .command('preview')
    .description('Prints an event as it would be kept, and keeps nothing; flags try a rule on it.')
    .argument('[file]', 'the event as JSON (default: stdin)')
  addRemoteFlags(addRuleFlags(previewing)).action((file: string | undefined, flags: RuleFlags) =>
    preview(shell, file, flags),
  )
}
