import { resolve } from 'node:path'
import type { Command } from 'commander'
import { addDataFlags, type DataFlags, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput } from '../core/output.ts'
import { formatNumber } from '../core/progress.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

const examples = `
Works beside a running service and holds the state of one moment. The seed, from which the
signing keys are derived, stays out: keep it apart, or ask for it with --include-seed.

Examples:
  $ indelible backup /backups/2026-11-20
  $ indelible backup /backups/2026-11-20 --store postgres://indelible@db.internal/audit
  $ indelible audit --data /backups/2026-11-20 --seed-file indelible-data/seed
`

interface Flags extends DataFlags {
  readonly includeSeed?: boolean
}

export function registerBackup(program: Command, shell: Shell): void {
  const command = program
    .command('backup')
    .summary('copy the data while the service runs')
    .description('Copies the logs of a data folder or a database into a new folder.')
    .argument('<target>', 'a folder that is new or empty')
    .option('--include-seed', 'copy the seed too; whoever has the backup can then sign')
    .addHelpText('after', examples)
  addDataFlags(command).action(async (target: string, flags: Flags) => {
    const output = createOutput(shell, flags)
    const includeSeed = flags.includeSeed === true
    const manifest = await workOnData(shell, flags, {
      label: 'backup',
      unit: 'pages',
      refused: exitCodes.usage,
      run: (work, { backupData }) =>
        backupData({ ...work, ...work.at, target: resolve(target), includeSeed }),
    })
    if (output.isJson) return output.json({ target: resolve(target), ...manifest })
    for (const { tenant, size } of manifest.logs) {
      await output.line(`${visible(tenant)}: ${formatNumber(size, 'entry')}`)
    }
    const seed = includeSeed
      ? 'with its seed: guard it like a key'
      : 'without its seed: keep that apart'
    await output.line(`Backed up into ${visible(resolve(target))}, ${seed}.`)
  })
}
