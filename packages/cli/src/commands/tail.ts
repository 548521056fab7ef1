import type { Entry } from '@indelible/protocol'
import type { Command } from 'commander'
import type { Client } from '../core/client.ts'
import { readEventStream } from '../core/event-stream.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { wholeNumber } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import { type SearchFlags, searchParameters } from '../core/search-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { entryRow } from '../render/entry-rows.ts'

const backoffMsMin = 500
const backoffMsMax = 15_000

interface Flags extends RemoteOptions, SearchFlags {
  readonly from?: number
  readonly utc?: boolean
}

const examples = `
Nothing is missed or repeated when the connection breaks. Stop with Ctrl-C.

Examples:
  $ indelible tail
  $ indelible tail outcome:denied,failure --tenant acme
  $ indelible tail --from 0 --json | jq .event.action
`

interface Following {
  readonly client: Client
  readonly output: Output
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly isUtc: boolean
}

/** Follows one connection to its end; `onMoved` learns the id to resume after. */
async function follow(
  { client, output, parameters, isUtc }: Following,
  lastId: string | undefined,
  onMoved: (id: string | undefined) => void,
): Promise<void> {
  const response = await client.open('/v1/stream', {
    parameters,
    headers: {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    },
  })
  if (response.body === null) return
  for await (const message of readEventStream(response.body)) {
    if (message.data !== undefined) {
      // The service's entries have the protocol's shape.
      const entry = JSON.parse(message.data) as Entry
      if (output.isJson) await output.json(entry)
      else await output.line(entryRow(entry, isUtc).map(visible).join('  '))
    }
    onMoved(message.id)
  }
}

async function tail(shell: Shell, words: readonly string[], flags: Flags): Promise<never> {
  const output = createOutput(shell, flags)
  const following = {
    client: connect(shell, flags),
    output,
    parameters: searchParameters(words, flags),
    isUtc: flags.utc === true,
  }
  // Last-Event-ID names the entry before the first one wanted; -1 is before them all.
  let lastId = flags.from === undefined ? undefined : String(flags.from - 1)
  let attempt = 0
  let hasAnswered = false
  for (;;) {
    try {
      await follow(following, lastId, (id) => {
        lastId = id ?? lastId
        hasAnswered = true
        attempt = 0
      })
      hasAnswered = true
    } catch (error) {
      const isRefused = error instanceof Failure && error.exitCode !== exitCodes.unreachable
      const isFirst = error instanceof Failure && !hasAnswered
      if (isRefused || isFirst) throw error
    }
    const backoff = Math.min(backoffMsMax, backoffMsMin * 2 ** attempt)
    attempt += 1
    output.note(`The connection ended; trying again in ${(backoff / 1_000).toFixed(1)} s.`)
    await shell.sleep(backoff * (0.5 + shell.random() / 2))
  }
}

export function registerTail(program: Command, shell: Shell): void {
  const command = program
    .command('tail')
    .summary('follow a log live')
    .description('Shows entries as they are kept, oldest first, until it is stopped.')
    .argument('[query...]', 'what to look for, in the search grammar')
    .option('--from <index>', 'begin with this index instead of now', wholeNumber(0))
    .option('--utc', 'times in UTC instead of local time')
    .addHelpText('after', examples)
  addRemoteFlags(command.option('--tenant <name>', 'whose log')).action(
    (words: readonly string[], flags: Flags) => tail(shell, words, flags),
  )
}
