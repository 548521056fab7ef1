import type { Entry, EntryPage } from '@indelible/protocol'
import { limits } from '@indelible/protocol'
import { type Command, Option } from 'commander'
import type { Client, Parameters } from '../core/client.ts'
import { wholeNumber } from '../core/numbers.ts'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import { addSpan, addTenant, type SearchFlags, searchParameters } from '../core/search-flags.ts'
import type { Shell } from '../core/shell.ts'
import { entryHeader, entryRow } from '../render/entry-rows.ts'
import { formatTable } from '../render/table.ts'

interface Flags extends RemoteOptions, SearchFlags {
  readonly limit: number
  readonly all?: boolean
  readonly order: 'asc' | 'desc'
  readonly utc?: boolean
}

const examples = `
Terms are ANDed, commas are OR, - negates, * ends a prefix, bare words search every string.

Examples:
  $ indelible search actor:zoe outcome:failure,denied
  $ indelible search 'action:customer.* -outcome:success' --since now-7d
  $ indelible search 'target:"arn:aws:s3:::ledger" -actor:zoe' --all --json > found.ndjson
`

/** Pages until `wanted` entries were had or there are no more. */
async function* listPages(
  client: Client,
  parameters: Parameters,
  wanted: number,
): AsyncGenerator<{ entries: readonly Entry[]; hasMore: boolean }> {
  let left = wanted
  let cursor: string | undefined
  do {
    const limit = String(Math.min(left, limits.pageEntriesMax))
    const page: EntryPage = await client.json('/v1/events', {
      parameters: { ...parameters, limit, cursor },
    })
    left -= page.entries.length
    cursor = page.next ?? undefined
    yield { entries: page.entries, hasMore: cursor !== undefined }
  } while (cursor !== undefined && left > 0)
}

async function search(shell: Shell, words: readonly string[], flags: Flags): Promise<void> {
  const client = connect(shell, flags)
  const output = createOutput(shell, flags)
  const isUtc = flags.utc === true
  const parameters = {
    ...searchParameters(words, flags),
    order: flags.order === 'asc' ? 'asc' : undefined,
  }
  const columns = shell.stdout.isTTY === true ? shell.stdout.columns : undefined
  let found = 0
  let hasMore = false
  const wanted = flags.all === true ? Number.POSITIVE_INFINITY : flags.limit
  for await (const page of listPages(client, parameters, wanted)) {
    const isFirst = found === 0
    found += page.entries.length
    hasMore = page.hasMore
    if (output.isJson) {
      for (const entry of page.entries) await output.json(entry)
    } else if (page.entries.length > 0) {
      const rows = page.entries.map((entry) => entryRow(entry, isUtc))
      const lines = formatTable(entryHeader(isUtc), rows, columns)
      for (const line of isFirst ? lines : lines.slice(1)) await output.line(line)
    }
  }
  if (output.isJson) return
  if (found === 0) output.note('Nothing found.')
  else if (hasMore) output.note(`The first ${found}; there is more: --limit <n> or --all.`)
}

export function registerSearch(program: Command, shell: Shell): void {
  const command = program
    .command('search')
    .summary('find entries')
    .description('Finds entries, newest first. Without a query: the latest ones.')
    .argument('[query...]', 'what to look for, in the search grammar')
    .option('--limit <n>', 'at most so many', wholeNumber(1), limits.pageEntriesDefault)
    .option('--all', 'everything that matches')
    .addOption(new Option('--order <order>', 'of the log').choices(['asc', 'desc']).default('desc'))
    .option('--utc', 'times in UTC instead of local time')
    .addHelpText('after', examples)
  addRemoteFlags(addTenant(addSpan(command))).action((words: readonly string[], flags: Flags) =>
    search(shell, words, flags),
  )
}
