import type { CopyReport } from '@indelible/server'
import { type Command, Option } from 'commander'
import { type DataFlags, workOnData } from '../core/data-work.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { createOutput, type Output } from '../core/output.ts'
import { formatNumber } from '../core/progress.ts'
import { addJson } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'

const examples = `
Works while the source's service runs: it is held up for the last entries alone, usually for less
than a second. Then the source takes nothing more and refuses to start again, so that the same
keys never sign two histories. Roots, receipts, users and keys stay as they are. Stopped at
any point, the same command goes on. Back again is the same with both ends exchanged.

A password is better kept off the command line: PGPASSWORD or ~/.pgpass serve too.

Examples:
  $ indelible copy --from ./indelible-data --to postgres://indelible@db.internal/audit
  $ indelible copy --from postgres://indelible@db.internal/audit --to ./indelible-data --seed-file /safe/seed
`

interface Flags extends DataFlags {
  readonly from?: string
  readonly to: string
  readonly fromGuard?: string
  readonly toGuard?: string
}

const formatFreeze = (ms: number): string =>
  ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`

async function print(output: Output, { from, to, logs, copied, frozenMs }: CopyReport) {
  for (const { tenant, size, root } of logs) {
    await output.line(`${visible(tenant)}: ${formatNumber(size, 'entry')}, root ${root}`)
  }
  await output.line(
    `${formatNumber(copied, 'entry')} copied now, ${formatNumber(logs.length, 'log')} compared: ` +
      `all are the same. Nothing could be appended for ${formatFreeze(frozenMs)}.`,
  )
  await output.line(
    `${visible(from)} takes nothing more. Start the service on ${visible(to)}, with the same seed.`,
  )
}

export function registerCopy(program: Command, shell: Shell): void {
  const command = program
    .command('copy')
    .summary('move to another store, while the service runs')
    .description('Moves everything from one store to another: a data folder, or PostgreSQL.')
    .option(
      '--from <folder or URL>',
      'the store as it is (default: INDELIBLE_STORE, INDELIBLE_DATA)',
    )
    .requiredOption('--to <folder or URL>', 'an empty store, or one of an unfinished copy')
    .option('--from-guard <URL>', 'where --from has its guard in another database')
    .option('--to-guard <URL>', 'another PostgreSQL database for the guard of --to')
    .addOption(new Option('--seed-file <file>', 'the seed of both [INDELIBLE_SEED_FILE]'))
    .addOption(new Option('--origin <host>', 'as the service’s setting [INDELIBLE_ORIGIN]'))
    .addHelpText('after', examples)
  addJson(command).action(async (flags: Flags) => {
    const output = createOutput(shell, flags)
    const report = await workOnData(shell, flags, {
      label: 'copy',
      unit: 'entries',
      refused: exitCodes.wrong,
      run: ({ at, ...work }, { copyData, readStoreAddress }) =>
        copyData({
          ...work,
          from: flags.from === undefined ? at : readStoreAddress(flags.from, flags.fromGuard),
          to: readStoreAddress(flags.to, flags.toGuard),
        }),
    })
    if (output.isJson) await output.json(report)
    else await print(output, report)
  })
}
