import { open, readFile, rename, rm } from 'node:fs/promises'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'

const stateFormat = 'indelible-import/v1'

export interface ImportTally {
  readonly read: number
  readonly added: number
  readonly present: number
  readonly refused: number
}
export const emptyTally: ImportTally = { read: 0, added: 0, present: 0, refused: 0 }

/** How far an import has been acknowledged. */
export interface ImportState {
  readonly format: typeof stateFormat
  /** Records up to and including this one are kept or refused. */
  readonly line: number
  /** Where that record ends in the decompressed file. */
  readonly offset: number
  /** SHA-256 of all records so far, hex: says whether the file is still the same up to here. */
  readonly digest: string
  readonly tally: ImportTally
}

/** Named one by one: a batch holds events too, and none of them belongs in the state. */
export const createState = (
  { line, offset, digest }: Pick<ImportState, 'line' | 'offset' | 'digest'>,
  tally: ImportTally,
): ImportState => ({ format: stateFormat, line, offset, digest, tally })

const isState = (value: unknown): value is ImportState =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === stateFormat &&
  'line' in value &&
  typeof value.line === 'number' &&
  'digest' in value &&
  typeof value.digest === 'string' &&
  'tally' in value &&
  typeof value.tally === 'object'

export async function readState(path: string): Promise<ImportState | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (isState(value)) return value
  } catch {
    // Falls through: neither is a state of ours.
  }
  throw new Failure(
    exitCodes.usage,
    `${path} is not the state of an import. Remove it to begin anew: nothing is added twice.`,
  )
}

/** Replaces the state at once: a crash leaves the old one or the new one, whole. */
export async function writeState(path: string, state: ImportState): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(`${JSON.stringify(state)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

export const removeState = (path: string): Promise<void> => rm(path, { force: true })
