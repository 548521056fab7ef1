import type { MigrationReport } from '@indelible/server'
import type { Command } from 'commander'
import { addDataFlags, type DataFlags, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput } from '../core/output.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

const examples = `
A service does the same when it starts: this is for whoever wants it done before, or by a role of
the database that may change tables, when the nodes' role may not. Any number may start at once.
In a database it makes the guard, too; give --guard where the nodes have INDELIBLE_GUARD.

Examples:
  $ indelible migrate --store postgres://owner@db.internal/audit
  $ indelible migrate --check        exit code 1: there is something to do
`

interface Flags extends DataFlags {
  readonly check?: boolean
}

function describe({ store, found, known }: MigrationReport, isChecked: boolean): string {
  const name = visible(store)
  if (found === known) return `${name} has schema ${found}: up to date`
  if (found > known) {
    return `${name} has schema ${found}; this version knows ${known} and can work with it`
  }
  return isChecked
    ? `${name} has schema ${found}; this version needs ${known}`
    : `${name} had schema ${found} and now has ${known}`
}

export function registerMigrate(program: Command, shell: Shell): void {
  const command = program
    .command('migrate')
    .summary('bring the store to this version')
    .description("Brings a store's tables to this version, or says how far they are.")
    .option('--check', 'change nothing; exit code 1 where there is something to do')
    .addHelpText('after', examples)
  addDataFlags(command).action(async (flags: Flags) => {
    const output = createOutput(shell, flags)
    const checkOnly = flags.check === true
    const report = await workOnData(shell, flags, {
      label: 'migrate',
      unit: 'steps',
      refused: exitCodes.usage,
      run: ({ at }, { migrateData }) => migrateData({ ...at, checkOnly }),
    })
    if (output.isJson) await output.json(report)
    else await output.line(describe(report, checkOnly))
    if (checkOnly && report.found < report.known) shell.setExitCode(exitCodes.wrong)
  })
}
