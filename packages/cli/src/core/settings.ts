import { type Command, Option } from 'commander'
import { type Client, createClient } from './client.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Environment, Shell } from './shell.ts'

export const defaultUrl = 'http://127.0.0.1:4680'

/** Flags of the service, each standing for one variable: `--seed-file` is INDELIBLE_SEED_FILE. */
const serviceFlags = [
  ['--host <address>', 'address to listen on (default 127.0.0.1)'],
  ['--port <number>', 'port to listen on (default 4680)'],
  ['--data <folder>', 'data folder (default ./indelible-data)'],
  ['--store <address>', 'where entries are kept: postgres://… (default: the data folder)'],
  ['--seed-file <file>', '32 bytes from which signing keys are derived'],
  ['--origin <host>', 'host name in the origins of new logs'],
  ['--guard <address>', 'where the signing guard is kept'],
  ['--amqp <address>', 'RabbitMQ to take events from: amqp://…'],
  ['--root-key <key>', 'a key with every scope, never stored'],
  ['--admin-password <password>', 'first password of the user admin'],
  ['--metrics-key <key>', 'closes /metrics to all but this key'],
] as const

export type ServiceFlag =
  | '--host'
  | '--port'
  | '--data'
  | '--store'
  | '--seed-file'
  | '--origin'
  | '--guard'
  | '--amqp'
  | '--root-key'
  | '--admin-password'
  | '--metrics-key'

/** What works on the data beside a running service needs to know. */
export const dataFlags: readonly ServiceFlag[] = [
  '--data',
  '--store',
  '--seed-file',
  '--origin',
  '--guard',
]
export const everyServiceFlag: readonly ServiceFlag[] = [
  '--host',
  '--port',
  ...dataFlags,
  '--amqp',
  '--root-key',
  '--admin-password',
  '--metrics-key',
]

const variableOf = (flag: string): string =>
  `INDELIBLE_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`

export function addServiceFlags(command: Command, flags: readonly ServiceFlag[]): Command {
  for (const [flag, help] of serviceFlags) {
    const isWanted = flags.some((name) => flag.startsWith(`${name} `))
    const name = flag.split(' ', 1).join('')
    if (isWanted) command.addOption(new Option(flag, `${help} [${variableOf(name)}]`))
  }
  return command
}

/** The environment with what the flags say laid over it: what `readConfig` reads. */
export function overlayFlags(shell: Shell, options: Record<string, unknown>): Environment {
  const overlaid: Record<string, string | undefined> = { ...shell.environment }
  for (const [flag] of serviceFlags) {
    const name = new Option(flag).attributeName()
    const value = options[name]
    if (typeof value === 'string') overlaid[variableOf(flag.split(' ', 1).join(''))] = value
  }
  return overlaid
}

export interface RemoteOptions {
  readonly url?: string
  readonly key?: string
  readonly json?: boolean
}

export const addJson = (command: Command): Command =>
  command.option('--json', 'JSON for programs, one value a line')

/** `--url`, `--key`, `--json`: what every command that speaks to a service takes. */
export function addRemoteFlags(command: Command): Command {
  return addJson(
    command
      .option('--url <address>', `the service [INDELIBLE_URL] (default ${defaultUrl})`)
      .option('--key <key>', 'API key [INDELIBLE_KEY, else INDELIBLE_ROOT_KEY]'),
  )
}

/** @throws {Failure} usage, when there is no key to speak with. */
export function connect(shell: Shell, options: RemoteOptions): Client {
  const { INDELIBLE_URL, INDELIBLE_KEY, INDELIBLE_ROOT_KEY } = shell.environment
  const key = options.key || INDELIBLE_KEY || INDELIBLE_ROOT_KEY
  if (key === undefined || key === '') {
    throw new Failure(
      exitCodes.usage,
      'No key to speak with: set INDELIBLE_KEY, or give --key. A service prints its first key on its first start.',
      { code: 'credentials-missing' },
    )
  }
  return createClient(shell, { url: options.url || INDELIBLE_URL || defaultUrl, key })
}
