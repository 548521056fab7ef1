import { resolve } from 'node:path'
import type { Command } from 'commander'
import { addDataFlags, type DataFlags, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput } from '../core/output.ts'
import { formatNumber } from '../core/progress.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

const examples = `
The backup is audited first, and what lies in the folder is set aside, not deleted. A copy that
is older than what was signed must not sign a second history: it is refused (exit code 1),
unless a new generation is begun, which keeps the old log readable as <tenant>.1; that is done in a
folder, which "indelible copy" takes to a database.

Examples:
  $ indelible restore /backups/2026-11-20 --data /var/lib/indelible
  $ indelible restore /backups/2026-11-20 --new-generation
  $ indelible restore /backups/2026-11-20 --store postgres://indelible@db.internal/audit2 --seed-file /safe/seed
`

interface Flags extends DataFlags {
  readonly newGeneration?: boolean
  readonly adoptGuard?: boolean
}

export function registerRestore(program: Command, shell: Shell): void {
  const command = program
    .command('restore')
    .summary('put a backup in place')
    .description(
      'Puts a backup into the data folder of a service that is stopped, or into an empty database.',
    )
    .argument('<backup>', 'a folder that "indelible backup" wrote')
    .option('--new-generation', 'end every log and go on in a new one')
    .option('--adopt-guard', 'this is the newest copy: go on where it ends')
    .addHelpText('after', examples)
  addDataFlags(command).action(async (backup: string, flags: Flags) => {
    const output = createOutput(shell, flags)
    const { newGeneration = false, adoptGuard = false } = flags
    const report = await workOnData(shell, flags, {
      label: 'restore',
      unit: 'entries',
      refused: exitCodes.wrong,
      run: (work, { restoreData }) =>
        restoreData({ ...work, ...work.at, backup: resolve(backup), newGeneration, adoptGuard }),
    })
    if (output.isJson) return output.json(report)
    for (const { tenant, size } of report.logs) {
      await output.line(`${visible(tenant)}: ${formatNumber(size, 'entry')}`)
    }
    for (const note of report.notes) output.note(visible(note))
  })
}
