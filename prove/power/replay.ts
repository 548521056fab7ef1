import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Random } from '@indelible/testkit'
import { listCuts } from '../journal/cuts.ts'
import { createDisk } from '../journal/disk.ts'
import { createImage, type Files } from '../journal/image.ts'
import { readJournal } from '../journal/journal.ts'
import { everythingSpared } from '../journal/spared.ts'
import { createFolderCheck } from './check-folder.ts'
import { createExpectations, type Expected } from './expectations.ts'
import type { Recording } from './recorder.ts'

const faultsMax = 20
/** Of one state. */
const toldMax = 2

export interface ReplayReport {
  /** Moments between two calls. */
  readonly points: number
  /** What a disk may hold then; the same is counted once a point. */
  readonly states: number
  /** Promised in the course of the recording. */
  readonly acknowledged: number
  /** Services started on what was left. */
  readonly restarts: number
  /** States with at least one fault, and what was found first in some of them. */
  readonly bad: number
  readonly faults: readonly string[]
}

export interface ReplayOptions {
  readonly recording: Recording
  readonly random: Random
  /** States tried at a point beside what lost all it could, and what lost nothing. */
  readonly tornMax: number
  /** So many images, evenly over the recording, are shown to `restart`, on a real disk. */
  readonly restarts: number
  readonly restart: (folder: string, expected: Expected) => Promise<readonly string[]>
  /** After one there is nothing more to look for. */
  readonly endsAtFault: boolean
  readonly onProgress: (states: number) => void
}

/** Cuts the power at every point between two calls of a recording, and checks what is left. */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { recording, random, tornMax } = options
  const { root, name } = recording
  const records = readJournal(recording.journal)
  const disk = createDisk({ root, before: readBefore(recording) })
  const expectations = createExpectations()
  const checkFolder = createFolderCheck(Buffer.from(recording.seed, 'hex'))
  using image = createImage()
  const counts = { points: 0, states: 0, restarts: 0, bad: 0 }
  const faults: string[] = []

  const tell = (where: string, found: readonly string[]): void => {
    if (found.length === 0) return
    counts.bad++
    const more = found.length > toldMax ? `; and ${found.length - toldMax} more` : ''
    const told = `${found.slice(0, toldMax).join('; ')}${more}`
    if (faults.length < faultsMax) faults.push(`${name}, point ${counts.points}, ${where}: ${told}`)
  }
  /** All states of one folder at this point. */
  const cut = async (folder: string): Promise<void> => {
    counts.points++
    const wants = (path: string) => dirname(path) === join(root, folder) && isTruth(path)
    for (const files of listCuts({ disk, random, tornMax, wants })) {
      image.write(files)
      counts.states++
      tell(folder, await checkFolder(image.folder, files, expectations.of(folder)))
    }
    options.onProgress(counts.states)
  }
  const restartAfterCut = async (): Promise<void> => {
    const folder = expectations.served()
    const wants = (path: string) => dirname(path) === join(root, folder) && !path.endsWith('-shm')
    const cuts = [...listCuts({ disk, random, tornMax: 1, wants })]
    using left = putOnDisk(cuts[counts.restarts++ % cuts.length] ?? new Map())
    tell('restarted', await options.restart(left.folder, expectations.of(folder)))
  }

  for (const [n, record] of records.entries()) {
    const expecting = expectations.read(record)
    const isChanged = disk.apply(record)
    const path = disk.pathOf(record)
    const changed = path !== undefined && isTruth(path) ? folderOf(root, path) : undefined
    const folder = expecting ?? changed
    if (folder !== undefined && isChanged) await cut(folder)
    const isDue = n + 1 >= ((counts.restarts + 1) * records.length) / (options.restarts + 1)
    if (isDue && counts.restarts < options.restarts) await restartAfterCut()
    if (options.endsAtFault && faults.length > 0) break
  }
  if (recording.isWhole && faults.length === 0) {
    assertFollowed(disk.crash(everythingSpared, (path) => !path.endsWith('-shm')))
  }
  return { ...counts, acknowledged: expectations.countKept(), faults }
}

/** A call that the journal missed would leave states untried. @throws Error where there was one */
function assertFollowed(files: ReadonlyMap<string, Buffer>): void {
  for (const [path, content] of files) {
    if (content.equals(readFileSync(path))) continue
    throw new Error(`The journal has a hole: ${path} is not what its calls make of it.`)
  }
}

/** Of a data folder or backup: shared memory and the index are made anew by whoever opens them. */
function isTruth(path: string): boolean {
  const name = basename(path)
  if (name === 'index.current') return true
  return !name.startsWith('index') && !/-shm$|\.lock/.test(name)
}

/** The folder that a path lies in, or is; undefined where it is not one of ours. */
function folderOf(root: string, path: string): string | undefined {
  if (path === root) return undefined
  const folder = dirname(path) === root ? path : dirname(path)
  return dirname(folder) === root ? basename(folder) : undefined
}

function readBefore({ root, before }: Recording): Map<string, Buffer> {
  if (before === undefined) return new Map()
  const entries = readdirSync(before, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name))
  return new Map(paths.map((path) => [join(root, path.slice(before.length)), readFileSync(path)]))
}

function putOnDisk(files: Files): Disposable & { readonly folder: string } {
  const at = mkdtempSync(join(tmpdir(), 'indelible-cut-'))
  const folder = join(at, 'data')
  mkdirSync(folder)
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  return { folder, [Symbol.dispose]: () => rmSync(at, { recursive: true, force: true }) }
}
