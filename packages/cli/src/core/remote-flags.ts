import type { Command } from 'commander'
import { type Client, createClient } from './client.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Shell } from './shell.ts'

export const defaultUrl = 'http://127.0.0.1:4680'

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
