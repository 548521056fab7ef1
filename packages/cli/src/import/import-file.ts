import type { RecordFormName } from '@indelible/server/records'
import type { Progress } from '../core/progress.ts'
import { type Batch, gatherBatches, type RefusedLine, SourceChanged } from './batches.ts'
import {
  createState,
  emptyTally,
  type ImportState,
  type ImportTally,
  readState,
  removeState,
  writeState,
} from './import-state.ts'
import { splitLines } from './lines.ts'
import { createNdjsonMapper } from './ndjson-events.ts'
import { createOccurrences } from './occurrences.ts'
import { createRecordMapper } from './record-events.ts'
import { splitRecords } from './records.ts'
import { createRefusedFile } from './refused-file.ts'
import type { SourceBytes } from './source-bytes.ts'
import type { Submission, Submitter } from './submit.ts'

export type ImportFormat = 'ndjson' | RecordFormName

export interface ImportOptions {
  readonly open: () => Promise<SourceBytes>
  readonly format: ImportFormat
  readonly tenant: string | undefined
  /** Unix milliseconds. */
  readonly now: () => number
  readonly submitter: Submitter
  readonly requestsInFlight: number
  /** Where to keep how far it came; undefined: nowhere. */
  readonly statePath: string | undefined
  readonly refusedPath: string
  readonly isStrict: boolean
  readonly progress: Progress
  /** Remarks for people. */
  readonly note: (text: string) => void
}

export interface ImportResult extends ImportTally {
  readonly resumedAt: number | undefined
  /** Up to three refused lines, to be shown at once. */
  readonly examples: readonly RefusedLine[]
  /** A strict import ended at the first of them. */
  readonly isStopped: boolean
}

const examplesMax = 3

const addUp = (tally: ImportTally, batch: Batch, submission: Submission): ImportTally => ({
  read: tally.read + batch.events.length + batch.refused.length,
  added: tally.added + submission.added,
  present: tally.present + submission.present,
  refused: tally.refused + submission.refused.length + batch.refused.length,
})

/** A strict import sends nothing that comes after a line it can't even send. */
const strictly = (batch: Batch): Batch => {
  const [first] = batch.refused
  if (first === undefined) return batch
  const events = batch.events.filter(({ line }) => line.number < first.line.number)
  return { ...batch, events, refused: [first] }
}

async function run(options: ImportOptions, state: ImportState | undefined): Promise<ImportResult> {
  const { submitter, statePath, isStrict, progress } = options
  using occurrences = createOccurrences()
  const source = await options.open()
  const { format, tenant, now } = options
  const isNdjson = format === 'ndjson'
  const mapper = isNdjson
    ? createNdjsonMapper({ occurrences, tenant })
    : createRecordMapper(format, { tenant, now })
  const lines = isNdjson ? splitLines(source.chunks) : splitRecords(source.chunks)
  const isResumed = state !== undefined
  await using refusedFile = createRefusedFile(options.refusedPath, { isResumed })

  let tally = state?.tally ?? emptyTally
  const examples: RefusedLine[] = []
  const inFlight: { batch: Batch; submission: Promise<Submission> }[] = []

  /** Acknowledgements count in the order of the file, whichever request ends first. */
  async function settleOldest(): Promise<boolean> {
    const oldest = inFlight.shift()
    if (oldest === undefined) return true
    const { batch } = oldest
    const submission = await oldest.submission.catch((error: unknown) => {
      // What comes after a batch that failed must not count, or it would never be sent again.
      inFlight.length = 0
      throw error
    })
    const refused = [...batch.refused, ...submission.refused].sort(
      (a, b) => a.line.number - b.line.number,
    )
    tally = addUp(tally, batch, submission)
    examples.push(...refused.slice(0, examplesMax - examples.length))
    await refusedFile.add(refused)
    progress.update({ done: source.readBytes(), items: tally.read, total: source.totalBytes })
    if (isStrict && refused.length > 0) return false
    if (statePath !== undefined) await writeState(statePath, createState(batch, tally))
    return true
  }

  async function settleAll(): Promise<boolean> {
    while (inFlight.length > 0) if (!(await settleOldest())) return false
    return true
  }

  let isGoingOn = true
  try {
    for await (const read of gatherBatches(lines, mapper, state)) {
      const batch = isStrict ? strictly(read) : read
      const submission = submitter.submit(batch.events)
      // Its failure is met when its turn comes; until then it must not count as unhandled.
      submission.catch(() => {})
      inFlight.push({ batch, submission })
      const limit = isStrict ? 1 : options.requestsInFlight
      if (inFlight.length >= limit) isGoingOn = await settleOldest()
      if (!isGoingOn) break
    }
  } catch (error) {
    // The file ended badly; what it held before is sent and counts.
    await settleAll()
    throw error
  }
  isGoingOn &&= await settleAll()
  if (isGoingOn && statePath !== undefined) await removeState(statePath)
  return { ...tally, resumedAt: state?.line, examples, isStopped: !isGoingOn }
}

/**
 * Imports one file. If it is interrupted at any point, the next run goes on after the last
 * acknowledged batch; what was sent but not acknowledged is sent again and recognised by its ids.
 */
export async function importFile(options: ImportOptions): Promise<ImportResult> {
  const { statePath, note } = options
  const state = statePath === undefined ? undefined : await readState(statePath)
  try {
    if (state !== undefined) note(`Going on after line ${state.line} of an interrupted import.`)
    return await run(options, state)
  } catch (error) {
    if (!(error instanceof SourceChanged)) throw error
    note('The file is not the one whose import was interrupted; beginning anew.')
    return run(options, undefined)
  } finally {
    options.progress.end()
  }
}
