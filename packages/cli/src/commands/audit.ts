import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditReport } from '@indelible/server'
import type { Command } from 'commander'
import { addDataFlags, type DataFlags, type DataWork, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { describeFileError } from '../core/file-failure.ts'
import { collect } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { formatNumber } from '../core/progress.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

const examples = `
Reads everything, recomputes everything and changes nothing; works beside a running service.
A log's key is yours with --key, else derived from the seed; without both it is the one that
lies with the data, which whoever could rewrite the data could replace as well.

Examples:
  $ indelible audit
  $ indelible audit --data /var/lib/indelible --key 'audit.example.com/l/3f…+1a2b3c4d+AX…'
  $ indelible audit --data /backups/2026-11-20 --seed-file /safe/seed
  $ indelible audit --store postgres://indelible@db.internal/audit --seed-file /safe/seed
`

interface Flags extends DataFlags {
  readonly key?: readonly string[]
}

const seedBytes = 32

/** @throws {Failure} usage, where a seed was named that is none: it must not be passed over. */
async function hasSeed({ at, seedFile }: DataWork): Promise<boolean> {
  const path = seedFile ?? ('folder' in at ? join(at.folder, 'seed') : undefined)
  if (path === undefined) return false
  const seed = await readFile(path).catch((error: Error) => {
    if (seedFile !== undefined) throw describeFileError('read', path, error)
    return undefined
  })
  const isSeed = seed?.length === seedBytes
  if (!isSeed && seedFile !== undefined) {
    throw new Failure(exitCodes.usage, `${path} is no seed: it has other than ${seedBytes} bytes.`)
  }
  return isSeed
}

const unpinned = {
  all: 'No key from elsewhere: signatures were checked with the keys that lie with the data.',
  others: 'Logs without a --key were checked with the keys that lie with the data.',
  advice: 'Whoever could rewrite it could replace those as well: give --seed-file, or --key.',
}

async function print(output: Output, { logs, entries, findings }: AuditReport): Promise<void> {
  for (const { tenant, size, root } of logs) {
    await output.line(`${visible(tenant)}: ${formatNumber(size, 'entry')}, root ${root}`)
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
    `${formatNumber(entries, 'entry')} of ${formatNumber(logs.length, 'log')} audited: ${verdict}`,
  )
}

export function registerAudit(program: Command, shell: Shell): void {
  const command = program
    .command('audit')
    .summary('check all that is kept')
    .description(
      'Checks every entry, tree and checkpoint of a data folder, a backup or a database.',
    )
    .option('--key <vkey>', "a log's verifier key, pinned by you; repeatable", collect)
    .addHelpText('after', examples)
  addDataFlags(command).action(async (flags: Flags) => {
    const output = createOutput(shell, flags)
    let isAnchored = false
    const report = await workOnData(shell, flags, {
      label: 'audit',
      unit: 'entries',
      refused: exitCodes.usage,
      run: async (work, { auditData }) => {
        isAnchored = await hasSeed(work)
        return auditData({ ...work, ...work.at, pinnedKeys: flags.key ?? [] })
      },
    })
    if (output.isJson) await output.json(report)
    else await print(output, report)
    if (!isAnchored && report.logs.length > 0) {
      output.note(flags.key === undefined ? unpinned.all : unpinned.others)
      output.note(unpinned.advice)
    }
    if (report.findings.length > 0) shell.setExitCode(exitCodes.wrong)
  })
}
