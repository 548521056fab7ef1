import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import type { LogInfo } from '@indelible/protocol'
import { type Command, Option } from 'commander'
import { type Client, unreachable } from '../core/client.ts'
import { describeFileError } from '../core/file-failure.ts'
import { createOutput, write } from '../core/output.ts'
import { createProgress, formatNumber, type Progress } from '../core/progress.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import { addSpan, addTenant, type SearchFlags, searchParameters } from '../core/search-flags.ts'
import type { Shell } from '../core/shell.ts'
import { untilSigned } from '../core/until-signed.ts'
import { visibleLines } from '../core/visible-text.ts'

interface Flags extends RemoteOptions, SearchFlags {
  readonly format: 'ndjson' | 'csv' | 'receipts'
  readonly order: 'asc' | 'desc'
  readonly out?: string
}

const examples = `
A receipts export can be checked without this service: indelible verify <file> --key <vkey>

Examples:
  $ indelible export --out all.ndjson
  $ indelible export 'actor:u_1' --since 2026-01-01 --format csv --out u_1.csv
  $ indelible export --format receipts --tenant acme --out evidence.ndjson
`

/** How many entries to expect: known only for one whole log. */
async function countEntries(
  client: Client,
  words: readonly string[],
  flags: Flags,
): Promise<number | undefined> {
  const { tenant, since, until } = flags
  const isWhole = words.length === 0 && since === undefined && until === undefined
  if (!isWhole || tenant === undefined || tenant === '*') return undefined
  const log = await client
    .json<LogInfo>(`/v1/logs/${encodeURIComponent(tenant)}`)
    .catch(() => undefined)
  return log?.size
}

const lineFeed = 0x0a

function countLines(chunk: Uint8Array): number {
  let count = 0
  for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) count += 1
  return count
}

/** @returns how many lines came; fails if the answer breaks off. */
async function copy(
  response: Response,
  base: string,
  progress: Progress,
  sink: (chunk: Uint8Array) => Promise<void>,
): Promise<number> {
  let lines = 0
  const chunks = response.body?.[Symbol.asyncIterator]()
  for (;;) {
    const next = await chunks?.next().catch((error: unknown) => {
      throw unreachable(base, error)
    })
    if (next === undefined || next.done === true) return lines
    lines += countLines(next.value)
    await sink(next.value)
    progress.update({ done: lines, items: lines })
  }
}

/** A file appears under its name only when it is whole. */
async function copyToFile(path: string, fill: (file: FileHandle) => Promise<number>) {
  const temporary = `${path}.part`
  const file = await open(temporary, 'w', 0o600).catch((error: Error) => {
    throw describeFileError('write', path, error)
  })
  try {
    const lines = await fill(file)
    await file.sync()
    await file.close()
    await rename(temporary, path)
    return lines
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

async function exportEntries(shell: Shell, words: readonly string[], flags: Flags): Promise<void> {
  const client = connect(shell, flags)
  const output = createOutput(shell, flags)
  const { format } = flags
  const out = flags.out === '-' ? undefined : flags.out
  const total = await countEntries(client, words, flags)
  const progress = createProgress(shell, { label: 'export', unit: 'lines', total })
  const parameters = { ...searchParameters(words, flags), format, order: flags.order }
  const response = await untilSigned(shell, () => client.open('/v1/export', { parameters }))
  const isTty = shell.stdout.isTTY === true
  const decoder = new TextDecoder()
  // A file gets the bytes as they come; a terminal gets nothing it could act on.
  const toStdout = (chunk: Uint8Array) =>
    write(shell.stdout, isTty ? visibleLines(decoder.decode(chunk, { stream: true })) : chunk)
  try {
    const lines =
      out === undefined
        ? await copy(response, client.url, progress, toStdout)
        : await copyToFile(out, (file) =>
            copy(
              response,
              client.url,
              progress,
              async (chunk) => void (await file.appendFile(chunk)),
            ),
          )
    progress.end()
    if (out === undefined) return
    if (output.isJson) await output.json({ file: out, format, lines })
    else output.note(`${formatNumber(lines, 'line')} in ${out}.`)
  } finally {
    progress.end()
  }
}

export function registerExport(program: Command, shell: Shell): void {
  const command = program
    .command('export')
    .summary('write entries or receipts to a file')
    .description('Exports what a query finds, or a whole log, of any size.')
    .argument('[query...]', 'what to export, in the search grammar (default: everything)')
    .addOption(
      new Option('--format <format>', 'ndjson and csv are for reading, receipts for proving')
        .choices(['ndjson', 'csv', 'receipts'])
        .default('ndjson'),
    )
    .addOption(new Option('--order <order>', 'of the log').choices(['asc', 'desc']).default('asc'))
    .option('--out <file>', 'where to (default: stdout)')
    .addHelpText('after', examples)
  addRemoteFlags(addTenant(addSpan(command))).action((words: readonly string[], flags: Flags) =>
    exportEntries(shell, words, flags),
  )
}
