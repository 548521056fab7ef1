import type { AuditReport } from '@indelible/server'
import type { Command } from 'commander'
import { addDataFlags, type DataFlags, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { collect } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { formatCount } from '../core/progress.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

const examples = `
Reads everything, recomputes everything and changes nothing; works beside a running service.
With --key, the log's verifier key is yours and not the one that lies with the data.

Examples:
  $ indelible audit
  $ indelible audit --data /var/lib/indelible --key 'audit.example.com/l/3f…+1a2b3c4d+AX…'
  $ indelible audit --data /backups/2026-11-20
`

interface Flags extends DataFlags {
  readonly key?: readonly string[]
}

async function print(output: Output, { logs, entries, findings }: AuditReport): Promise<void> {
  for (const { tenant, size, root } of logs) {
    await output.line(`${visible(tenant)}: ${formatCount(size)} entries, root ${root}`)
  }
  for (const { tenant, index, until, code, detail } of findings) {
    const range = until === undefined ? `entry ${index}` : `entries ${index} to ${until - 1}`
    const place = [tenant, index === undefined ? undefined : range].filter(
      (part) => part !== undefined,
    )
    const where = place.length === 0 ? '' : `${place.join(', ')}: `
    await output.line(visible(`WRONG  ${where}${detail} (${code})`))
  }
  const verdict = findings.length === 0 ? 'all is well' : `${findings.length} found to be wrong`
  await output.line(
    `${formatCount(entries)} entries of ${formatCount(logs.length)} logs audited: ${verdict}`,
  )
}

export function registerAudit(program: Command, shell: Shell): void {
  const command = program
    .command('audit')
    .summary('check all that is kept')
    .description('Checks every entry, tree and checkpoint of a data folder or a backup.')
    .option('--key <vkey>', "a log's verifier key, pinned by you; repeatable", collect)
    .addHelpText('after', examples)
  addDataFlags(command).action(async (flags: Flags) => {
    const output = createOutput(shell, flags)
    const report = await workOnData(shell, flags, {
      label: 'audit',
      unit: 'entries',
      refused: exitCodes.usage,
      run: (work, { auditData }) => auditData({ ...work, pinnedKeys: flags.key ?? [] }),
    })
    if (output.isJson) await output.json(report)
    else await print(output, report)
    if (report.findings.length > 0) shell.setExitCode(exitCodes.wrong)
  })
}
