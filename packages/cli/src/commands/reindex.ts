import type { ReindexReport } from '@indelible/server'
import type { Command } from 'commander'
import { addDataFlags, type DataFlags, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput } from '../core/output.ts'
import { formatCount, formatNumber } from '../core/progress.ts'
import type { Shell } from '../core/shell.ts'

const examples = `
The index is derived from the log and can be made anew at any time. A running service goes on
with the old one and follows by itself. On PostgreSQL what is indexed wrongly is corrected in
place, which needs the nodes' seed; a bloated index is the database's to rebuild (REINDEX).

Examples:
  $ indelible reindex
  $ indelible reindex --data /var/lib/indelible
`

function describe({ entries, index, corrected }: ReindexReport): string {
  const count = formatNumber(entries, 'entry')
  return corrected === undefined
    ? `${count} indexed in ${index}`
    : `${count} compared with ${index}, ${formatCount(corrected)} of them corrected`
}

export function registerReindex(program: Command, shell: Shell): void {
  const command = program
    .command('reindex')
    .summary('build the search index anew')
    .description('Builds the search index anew from the log, and puts it in place of the old one.')
    .addHelpText('after', examples)
  addDataFlags(command).action(async (flags: DataFlags) => {
    const output = createOutput(shell, flags)
    const report = await workOnData(shell, flags, {
      label: 'reindex',
      unit: 'entries',
      refused: exitCodes.usage,
      run: (work, { reindexData }) => reindexData({ ...work, ...work.at }),
    })
    if (output.isJson) await output.json(report)
    else await output.line(describe(report))
  })
}
