import { type Command, Option } from 'commander'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { wholeNumber } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { createProgress, formatCount } from '../core/progress.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import type { RefusedLine } from '../import/batches.ts'
import { type ImportFormat, type ImportResult, importFile } from '../import/import-file.ts'
import { openSource } from '../import/source-bytes.ts'
import { createSubmitter } from '../import/submit.ts'

interface ImportFlags extends RemoteOptions {
  readonly from: ImportFormat
  readonly tenant?: string
  readonly state?: string
  readonly refused?: string
  readonly strict?: boolean
  readonly inFlight: number
  readonly retryFor: number
}

const examples = `
An import may be stopped and run again at any time: it goes on where it stopped, and
events that are there already are recognised by their ids and not added again. Lines
without an id get one made from the line itself.

Examples:
  $ indelible import --from ndjson events.ndjson.gz
  $ find AWSLogs -name '*.json.gz' | sort | xargs indelible import --from cloudtrail --tenant aws
  $ find 2026 -name '*.json.gz' | sort | xargs indelible import --from github --tenant github
  $ zcat old.gz | indelible import --from ndjson -
`

const describeRefused = ({ line, problem }: RefusedLine): string => {
  const [fault] = problem.errors ?? []
  const where = fault === undefined || fault.pointer === '' ? '' : ` at ${fault.pointer}`
  return `  line ${line.number}${visible(where)}: ${visible(fault?.detail ?? problem.detail)}`
}

async function report(
  output: Output,
  path: string,
  refusedPath: string,
  result: ImportResult,
): Promise<void> {
  const { examples: lines, ...tally } = result
  if (output.isJson) {
    const refusedFile = result.refused === 0 ? null : refusedPath
    return output.json({ file: path, ...tally, refusedFile })
  }
  const { read, added, present, refused } = result
  const counts = `${formatCount(read)} read, ${formatCount(added)} added, ${formatCount(present)} already there, ${formatCount(refused)} refused`
  await output.line(`${visible(path)}: ${counts}`)
  if (refused > 0) {
    output.note(lines.map(describeRefused).join('\n'))
    output.note(`  ${result.isStopped ? 'Stopped there' : 'All of them'}: see ${refusedPath}`)
  }
}

async function importOne(shell: Shell, path: string, flags: ImportFlags): Promise<ImportResult> {
  const client = connect(shell, flags)
  const output = createOutput(shell, flags)
  const name = path === '-' ? 'stdin' : path
  const statePath = flags.state ?? (path === '-' ? undefined : `${path}.indelible-import.json`)
  const refusedPath = flags.refused ?? `${name}.refused.ndjson`
  const isStrict = flags.strict === true
  const submitter = createSubmitter({ shell, client, retryMs: flags.retryFor * 1_000, isStrict })
  const result = await importFile({
    open: () => openSource(path, shell.stdin),
    format: flags.from,
    tenant: flags.tenant,
    now: shell.now,
    submitter,
    requestsInFlight: flags.inFlight,
    statePath,
    refusedPath,
    isStrict,
    progress: createProgress(shell, { label: `import ${visible(name)}`, unit: 'events' }),
    note: output.note,
  }).catch((error: unknown) => {
    if (error instanceof Failure && error.exitCode === exitCodes.unreachable && path !== '-') {
      output.note('Run the same command again to go on where it stopped.')
    }
    throw error
  })
  await report(output, name, refusedPath, result)
  return result
}

export function registerImport(program: Command, shell: Shell): void {
  const command = program
    .command('import')
    .summary('bring in events from files: NDJSON, AWS CloudTrail, GitHub')
    .description('Brings events in from files (plain or gzip) or stdin, in flat memory.')
    .argument('<file...>', 'files, or - for stdin')
    .addOption(
      new Option('--from <format>', 'what the files hold')
        .choices(['ndjson', 'cloudtrail', 'github'])
        .makeOptionMandatory(),
    )
    .option('--tenant <name>', 'tenant of events that name none')
    .option('--strict', 'stop at the first line that is refused')
    .option('--refused <file>', 'where refused lines go (default <file>.refused.ndjson)')
    .option('--state <file>', 'where progress is kept (default <file>.indelible-import.json)')
    .option('--in-flight <n>', 'requests at once; 1 keeps strict order', wholeNumber(1, 16), 2)
    .option('--retry-for <seconds>', 'patience with a busy service', wholeNumber(0, 86_400), 60)
    .addHelpText('after', examples)
  addRemoteFlags(command).action(async (files: readonly string[], flags: ImportFlags) => {
    const isSharing = flags.state !== undefined || flags.refused !== undefined
    if (files.length > 1 && isSharing) {
      throw new Failure(exitCodes.usage, '--state and --refused go with one file.')
    }
    for (const path of files) {
      const result = await importOne(shell, path, flags)
      if (result.refused > 0) shell.setExitCode(exitCodes.wrong)
      if (result.isStopped) return
    }
  })
}
