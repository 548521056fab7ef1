import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { compileLibrary } from '../harness/compile.ts'

/** Calls that can be hit, in the order of faults.c. */
export const callKinds = [
  'open',
  'read',
  'write',
  'sync',
  'truncate',
  'unlink',
  'rename',
  'link',
  'mkdir',
] as const
export type CallKind = (typeof callKinds)[number]

export const diskErrors = ['EIO', 'ENOSPC', 'EMFILE', 'EROFS'] as const
type DiskError = (typeof diskErrors)[number]

/** What happens to the nth call of a kind, on anything in the folder, from now on. */
export interface DiskFault {
  readonly kind: CallKind
  /** From 1. */
  readonly nth: number
  /** It fails, or the process ends before it or behind it. */
  readonly does: DiskError | 'kill before' | 'kill after'
  /** All the later ones fail, too. */
  readonly isForGood?: boolean
}

/** What a stage turns while processes run. */
export type DiskFaults = ReturnType<typeof openDiskFaults>

const words = { kinds: 0, nth: 1, action: 2, forGood: 3, hits: 4, lostSyncs: 5, calls: 6 } as const
const lastBytes = 256
const lastAt = (words.calls + callKinds.length) * 8
const killActions = { 'kill before': -1, 'kill after': -2 } as const

/**
 * Compiles faults.c and prepares what turns it.
 * @param options.below whose calls are meant: a folder and everything in it
 * @param options.folder for the library and its controls
 */
export function openDiskFaults(options: { readonly below: string; readonly folder: string }) {
  const { below, folder } = options
  const library = compileLibrary(join(import.meta.dirname, 'faults.c'), folder)
  const path = join(folder, 'faults')
  writeFileSync(path, new Uint8Array(lastAt + lastBytes))
  const file = openSync(path, 'r+')
  const write = (word: number, values: readonly number[]): void => {
    const bytes = BigInt64Array.from(values, BigInt)
    writeSync(file, bytes, 0, bytes.byteLength, word * 8)
  }
  const read = (word: number, count: number): number[] => {
    const bytes = new BigInt64Array(count)
    readSync(file, bytes, 0, bytes.byteLength, word * 8)
    return Array.from(bytes, Number)
  }
  return {
    /** Of every process that is meant. */
    environment: { LD_PRELOAD: library, FAULTS_FOLDER: below, FAULTS_CONTROL: path },
    arm({ kind, nth, does, isForGood = false }: DiskFault): void {
      const action = does.startsWith('kill')
        ? killActions[does as keyof typeof killActions] // as its first word says
        : constants.errno[does as DiskError]
      const calls = callKinds.map(() => 0)
      write(words.nth, [nth, action, isForGood ? 1 : 0, 0, 0, ...calls])
      write(words.kinds, [1 << callKinds.indexOf(kind)])
    },
    disarm: (): void => write(words.kinds, [0]),
    /** Counts begin anew, and nothing is hit. */
    count: (): void => write(words.kinds, new Array<number>(lastAt / 8).fill(0)),
    /** How many calls were hit. */
    hits: (): number => read(words.hits, 1)[0] ?? 0,
    /** Failed syncs of log.db-wal that left something unsynced. */
    lostSyncs: (): number => read(words.lostSyncs, 1)[0] ?? 0,
    /** Calls of each kind, hit or not. */
    calls: (): Record<CallKind, number> => {
      const counts = read(words.calls, callKinds.length)
      const entries = callKinds.map((kind, n) => [kind, counts[n] ?? 0])
      return Object.fromEntries(entries) as Record<CallKind, number> // of all kinds
    },
    /** Name of the file that was hit last. */
    last(): string {
      const bytes = Buffer.alloc(lastBytes)
      readSync(file, bytes, 0, lastBytes, lastAt)
      return bytes.toString('utf8', 0, bytes.indexOf(0)).split('/').at(-1) ?? ''
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}
