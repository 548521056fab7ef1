import { describeSettings, type SettingInEffect } from '@indelible/server/settings'
import type { Command } from 'commander'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput } from '../core/output.ts'
import { addJson } from '../core/remote-flags.ts'
import { addServiceFlags, overlayFlags } from '../core/service-flags.ts'
import type { Environment, Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'

const examples = `
Exit code 2 where the service refuses these settings; each fault is named. Whether folder, seed,
database and port are there, only a start can tell.

Examples:
  $ indelible config
  $ indelible config --check --store postgres://db.internal/audit --seed-file /etc/indelible/seed
  $ indelible config --json | jq -r '.settings[] | select(.from != "default") | .name'
`

interface ConfigFlags {
  readonly check?: boolean
  readonly json?: boolean
}

/** What the service says of its settings when it starts. */
async function judge(environment: Environment) {
  const { ConfigError, readConfig } = await import('@indelible/server')
  try {
    return { faults: [], warnings: readConfig(environment).warnings }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error
  }
}

const toRow = ({ name, value, from }: SettingInEffect): string[] => [name, value, from]

async function showConfig(shell: Shell, flags: ConfigFlags): Promise<void> {
  const output = createOutput(shell, flags)
  const { environment, flags: overlaid } = overlayFlags(shell, { ...flags })
  const { faults, warnings } = await judge(environment)
  const settings = describeSettings(environment, overlaid)
  if (output.isJson) await output.json({ settings, warnings, faults })
  else if (flags.check !== true) {
    await printTable(output, settings, ['setting', 'value', 'from'], toRow)
  } else if (faults.length === 0) await output.line('The settings are sound.')
  for (const warning of warnings) output.note(`WARNING: ${visible(warning)}`)
  for (const fault of faults) output.note(`FAULT: ${visible(fault)}`)
  if (faults.length > 0) shell.setExitCode(exitCodes.usage)
}

export function registerConfig(program: Command, shell: Shell): void {
  const command = program
    .command('config')
    .summary('show and check the settings')
    .description('Prints the settings in effect and where each is from; secrets only as "set".')
    .option('--check', 'say only whether they are sound')
    .addHelpText('after', examples)
  addJson(addServiceFlags(command, 'service')).action((flags: ConfigFlags) =>
    showConfig(shell, flags),
  )
}
