import { writeFile } from 'node:fs/promises'
import type { Entry } from '@indelible/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { describeFileError } from '../core/file-failure.ts'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import { addTenant } from '../core/search-flags.ts'
import type { Shell } from '../core/shell.ts'
import { untilSigned } from '../core/until-signed.ts'
import { formatEntry } from '../render/entry-details.ts'

interface Flags extends RemoteOptions {
  readonly tenant?: string
  readonly utc?: boolean
  readonly receipt?: string | true
  readonly parts?: string
}

const examples = `
A receipt proves the entry offline: indelible verify <file> --key <vkey>

Examples:
  $ indelible show 01980f2e-7a7c-7c3e-9c4f-8a4f1c2d3e4f
  $ indelible show inv-42 --receipt
  $ indelible show inv-42 --receipt evidence.json --parts core,actor
`

/** Ids may hold characters that some file systems don't take. */
const receiptFile = (id: string): string => `${id.replace(/[^A-Za-z0-9._@+=-]/g, '_')}.receipt.json`

async function show(shell: Shell, id: string, flags: Flags): Promise<void> {
  const client = connect(shell, flags)
  const output = createOutput(shell, flags)
  const path = `/v1/events/${encodeURIComponent(id)}`
  const { tenant, parts } = flags
  if (parts !== undefined && flags.receipt === undefined) {
    throw new Failure(exitCodes.usage, '--parts is for a receipt: give --receipt as well.')
  }
  const entry: Entry = await client.json(path, { parameters: { tenant } })
  if (output.isJson) await output.json(entry)
  else for (const line of formatEntry(entry, flags.utc === true)) await output.line(line)
  if (flags.receipt === undefined) return
  const receipt = await untilSigned(shell, () =>
    client.json(`${path}/receipt`, { parameters: { tenant, parts } }),
  )
  const file = flags.receipt === true ? receiptFile(id) : flags.receipt
  await writeFile(file, `${JSON.stringify(receipt)}\n`).catch((error: Error) => {
    throw describeFileError('write', file, error)
  })
  output.note(`Receipt saved as ${file}.`)
}

export function registerShow(program: Command, shell: Shell): void {
  const command = program
    .command('show')
    .summary('everything of one entry, and its receipt')
    .description('Shows who did what, on what, from where, and what changed.')
    .argument('<id>', "the event's id")
    .option('--receipt [file]', 'save the receipt too (default <id>.receipt.json)')
    .option('--parts <labels>', 'parts the receipt shows, such as core,actor (default: all)')
    .option('--utc', 'times in UTC instead of local time')
    .addHelpText('after', examples)
  addRemoteFlags(addTenant(command)).action((id: string, flags: Flags) => show(shell, id, flags))
}
