import { readFile } from 'node:fs/promises'
import { parseVerifierKey, VerificationError, type VerifiedReceipt } from '@indelible/proof'
import type { Command } from 'commander'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { describeFileError } from '../core/file-failure.ts'
import { collect } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { createProgress, formatCount, formatNumber } from '../core/progress.ts'
import { addJson } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { openSource } from '../import/source-bytes.ts'
import type { Findings, LogFindings } from '../verify/evidence-book.ts'
import { readItems } from '../verify/receipt-lines.ts'
import { EntriesWithoutProof, verifyEvidence } from '../verify/verify-evidence.ts'

/** Faults shown one by one to people; all of them are counted, and JSON has them all. */
const faultsShownMax = 20

interface Flags {
  readonly key?: readonly string[]
  readonly keysFile?: string
  readonly json?: boolean
}

const examples = `
Needs no service and trusts none. <vkey> is the log's public verifier key, pinned by you:
take it from "indelible tenants show <tenant>" once and keep it. Keys inside of files are
never believed. A cosigner's key may be given too.

Examples:
  $ indelible verify inv-42.receipt.json --key 'audit.example.com/l/3f…+1a2b3c4d+AX…'
  $ indelible verify evidence.ndjson.gz --keys-file pinned-keys.txt
`

async function readKeys(flags: Flags): Promise<readonly string[]> {
  const { keysFile } = flags
  const text =
    keysFile === undefined
      ? ''
      : await readFile(keysFile, 'utf8').catch((error: Error) => {
          throw describeFileError('read', keysFile, error)
        })
  const fromFile = text.split('\n').map((line) => line.trim())
  const keys = [...(flags.key ?? []), ...fromFile.filter((line) => line && !line.startsWith('#'))]
  if (keys.length === 0) {
    throw new Failure(
      exitCodes.usage,
      'Whose log? Give its verifier key: --key <vkey> or --keys-file <file>.',
    )
  }
  for (const key of keys) {
    try {
      parseVerifierKey(key)
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error
      throw new Failure(exitCodes.usage, `"${key}" is no verifier key: ${error.message}`)
    }
  }
  return keys
}

async function printReceipt(output: Output, receipt: VerifiedReceipt): Promise<void> {
  const { event, cosigned } = receipt
  await output.line(`Verified: entry ${receipt.index} of ${visible(receipt.origin)}`)
  await output.line(`  received  ${new Date(receipt.received).toISOString()}`)
  await output.line(`  hash      ${receipt.hash}`)
  await output.line(
    `  in        the tree of ${formatNumber(receipt.size, 'entry')} with root ${receipt.root}`,
  )
  for (const { name, time } of cosigned) {
    await output.line(`  cosigned  by ${visible(name)} at ${new Date(time * 1_000).toISOString()}`)
  }
  if (event !== undefined) await output.line(`  action    ${visible(String(event.action))}`)
  for (const part of receipt.parts) {
    const text = part.status === 'shown' ? `shown: ${visible(part.text)}` : part.status
    await output.line(`  ${visible(part.label).padEnd(8)}  ${text}`)
  }
}

async function printFindings(output: Output, findings: Findings): Promise<void> {
  const { single, verified, failed, parts, logs } = findings
  if (single !== undefined && failed === 0) return printReceipt(output, single)
  await output.line(`${formatNumber(verified, 'receipt')} verified, ${formatCount(failed)} failed`)
  if (verified === 0) return
  const { shown, undisclosed, erased } = parts
  await output.line(
    `Parts: ${formatCount(shown)} shown, ${formatCount(undisclosed)} undisclosed, ${formatCount(erased)} erased`,
  )
  for (const log of logs) await printLog(output, log)
}

async function printLog(output: Output, log: LogFindings): Promise<void> {
  const gaps = log.isGapless ? 'without gaps' : 'with gaps'
  const extent = log.isWhole ? 'the whole log' : gaps
  await output.line(
    `${visible(log.origin)}: entries ${log.firstIndex} to ${log.lastIndex}, ${extent}`,
  )
  for (const { size, root } of log.checkpoints) {
    await output.line(`  checkpoint of ${formatNumber(size, 'entry')}, root ${root}`)
  }
  if (log.checkpoints.length > 1) {
    await output.line('  That these are one history is not shown by receipts; audit shows it.')
  }
}

const withoutProof = `These are plain entries: they hold no proof, so there is nothing to verify.
Get receipts: indelible export --format receipts --out evidence.ndjson
or, for one entry: indelible show <id> --receipt`

async function verify(shell: Shell, path: string, flags: Flags): Promise<void> {
  const keys = await readKeys(flags)
  const output = createOutput(shell, flags)
  const source = await openSource(path, shell.stdin)
  const progress = createProgress(shell, { label: 'verify', unit: 'receipts' })
  let faults = 0
  const findings = await verifyEvidence({
    items: readItems(source.chunks),
    keys,
    onFault: async ({ line, code, detail }) => {
      faults += 1
      if (output.isJson) await output.json({ line, code, detail })
      else if (faults <= faultsShownMax) output.note(visible(`line ${line}: ${detail} (${code})`))
    },
    onProgress: (items) =>
      progress.update({ done: source.readBytes(), items, total: source.totalBytes }),
  })
    .catch((error: unknown) => {
      if (error instanceof EntriesWithoutProof) throw new Failure(exitCodes.usage, withoutProof)
      throw error
    })
    .finally(() => progress.end())
  if (!output.isJson && faults > faultsShownMax) {
    output.note(`… and ${formatCount(faults - faultsShownMax)} more; --json lists them all.`)
  }
  if (output.isJson) await output.json(findings)
  else await printFindings(output, findings)
  if (findings.failed > 0) shell.setExitCode(exitCodes.wrong)
  if (findings.verified + findings.failed === 0) {
    throw new Failure(exitCodes.wrong, 'The file holds no receipt.')
  }
}

export function registerVerify(program: Command, shell: Shell): void {
  const command = program
    .command('verify')
    .summary('check receipts offline')
    .description('Checks a receipt, or a file with one receipt a line (plain or gzip).')
    .argument('<file>', 'a file, or - for stdin')
    .option('--key <vkey>', "the log's public verifier key; repeatable", collect)
    .option('--keys-file <file>', 'such keys, one a line')
    .addHelpText('after', examples)
  addJson(command).action((path: string, flags: Flags) => verify(shell, path, flags))
}
