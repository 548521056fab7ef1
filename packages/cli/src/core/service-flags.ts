import { fileVariableOf, type Setting, settings } from '@indelible/server/settings'
import { type Command, Option } from 'commander'
import type { Environment, Shell } from './shell.ts'

/** The flag of a variable: `--seed-file` is INDELIBLE_SEED_FILE. */
const flagOf = (variable: string): string =>
  `--${variable.replace('INDELIBLE_', '').toLowerCase().replaceAll('_', '-')}`

const describe = ({ name, usual, meaning, secret }: Setting): string =>
  `${meaning} (default: ${usual}) [${name}${secret === undefined ? '' : ', …_FILE'}]`

/** Adds the flags of the whole service, or of its data alone. */
export function addServiceFlags(command: Command, of: 'service' | 'data'): Command {
  for (const setting of settings as readonly Setting[]) {
    if (of === 'data' && setting.ofData !== true) continue
    const { name, value, secret } = setting
    command.addOption(new Option(`${flagOf(name)} ${value}`, describe(setting)))
    if (secret === undefined) continue
    // Its twin says the same of a file; the help is long enough, and says so once.
    command.addOption(new Option(`${flagOf(fileVariableOf(name))} <file>`).hideHelp())
  }
  return command.addHelpText(
    'after',
    '[…_FILE]: also as a file with the value in it: --store-file is INDELIBLE_STORE_FILE.',
  )
}

/** The environment with flags laid over it, and the variables that they went over. */
export interface Overlaid {
  readonly environment: Environment
  readonly flags: ReadonlySet<string>
}

/**
 * The environment with the flags laid over it: what the service's `readConfig` reads. A folder named
 * by `--data` wins over a store that only the environment names: a check of a backup must not
 * look at the database instead, nor a restore write there.
 */
export function overlayFlags(shell: Shell, given: Readonly<Record<string, unknown>>): Overlaid {
  const environment: Record<string, string | undefined> = { ...shell.environment }
  const flags = new Set<string>()
  for (const { name, secret } of settings as readonly Setting[]) {
    const twins = secret === undefined ? [name] : [name, fileVariableOf(name)]
    const values = twins.map((twin) => given[new Option(`${flagOf(twin)} <value>`).attributeName()])
    if (values.every((value) => value === undefined)) continue
    for (const [index, twin] of twins.entries()) {
      const value = values[index]
      // Given as a flag in either way, it is not what the environment says in the other.
      environment[twin] = typeof value === 'string' ? value : undefined
      if (value !== undefined) flags.add(twin)
    }
  }
  const drop = (name: string): void => {
    for (const twin of [name, fileVariableOf(name)]) {
      if (!flags.has(twin)) environment[twin] = undefined
    }
  }
  const isStoreGiven = flags.has('INDELIBLE_STORE') || flags.has('INDELIBLE_STORE_FILE')
  if (flags.has('INDELIBLE_DATA') && !isStoreGiven) {
    drop('INDELIBLE_STORE')
    drop('INDELIBLE_GUARD')
  }
  return { environment, flags }
}
