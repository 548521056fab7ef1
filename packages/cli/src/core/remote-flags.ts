import { fileVariableOf, readSecretFile } from '@indelible/server/settings'
import type { Command } from 'commander'
import { type Client, createClient } from './client.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Environment, Shell } from './shell.ts'

export const defaultUrl = 'http://127.0.0.1:4680'

export interface RemoteOptions {
  readonly url?: string
  readonly key?: string
  readonly keyFile?: string
  readonly json?: boolean
}

export const addJson = (command: Command): Command =>
  command.option('--json', 'JSON for programs, one value a line')

/** `--url`, `--key`, `--json`: what every command that speaks to a service takes. */
export function addRemoteFlags(command: Command): Command {
  return addJson(
    command
      .option('--url <address>', `the service [INDELIBLE_URL] (default ${defaultUrl})`)
      .option('--key <key>', 'API key [INDELIBLE_KEY, else INDELIBLE_ROOT_KEY]')
      .option('--key-file <file>', 'a file with the key in it [the same, …_FILE]'),
  )
}

/** The first of those who name a key decides, be it the key itself or the file it is in. */
function findKey(options: RemoteOptions, environment: Environment): string | undefined {
  const sources = [
    ['--key', options.key, '--key-file', options.keyFile],
    ...['INDELIBLE_KEY', 'INDELIBLE_ROOT_KEY'].map((name) => {
      const fileName = fileVariableOf(name)
      return [name, environment[name], fileName, environment[fileName]] as const
    }),
  ] as const
  for (const [name, key, fileName, file] of sources) {
    if (key && file) throw new Failure(exitCodes.usage, `Give ${name} or ${fileName}, not both.`)
    if (key) return key
    if (file) return readKeyFile(fileName, file)
  }
  return undefined
}

function readKeyFile(name: string, path: string): string {
  try {
    return readSecretFile(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure(exitCodes.usage, `${name}: ${reason}.`)
  }
}

/** @throws {Failure} usage, when there is no key to speak with. */
export function connect(shell: Shell, options: RemoteOptions): Client {
  const key = findKey(options, shell.environment)
  if (key === undefined) {
    throw new Failure(
      exitCodes.usage,
      'No key to speak with: set INDELIBLE_KEY, or give --key. A service prints its first key on its first start.',
      { code: 'credentials-missing' },
    )
  }
  const url = options.url || shell.environment.INDELIBLE_URL || defaultUrl
  return createClient(shell, { url, key })
}
