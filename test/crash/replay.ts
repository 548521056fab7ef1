import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Head } from '@indelible/protocol'
import type { Random } from '@indelible/testkit'
import { checkImage } from './check-image.ts'
import { createDisk, everythingSpared, nothingSpared, type Spared } from './disk.ts'
import { readAcknowledged } from './expectations.ts'
import { type JournalRecord, readJournal } from './journal.ts'
import type { RecordedFolder } from './record-journal.ts'

/** Random images at each point, beside the one that lost all it could and the one that lost nothing. */
const tornPerPoint = 2

export interface ReplayReport {
  readonly points: number
  readonly states: number
  readonly acknowledged: number
  /** States with at least one fault, and what was found first in some of them. */
  readonly bad: number
  readonly faults: readonly string[]
}

/**
 * Crashes the recorded service at every point between two calls and checks what is left.
 * @param options.onImage is shown some images, after they were checked, with what they must hold
 */
export async function replayCrashes(options: {
  readonly recorded: RecordedFolder
  readonly random: Random
  /** Every how many-th point is looked at. */
  readonly stride: number
  readonly onImage?: (folder: string, acknowledged: readonly Head[]) => Promise<void>
  /** How many images `onImage` is shown, evenly over the journal. */
  readonly imagesShown?: number
}): Promise<ReplayReport> {
  const { recorded, random, stride, onImage, imagesShown = 0 } = options
  const records = readJournal(recorded.journal)
  const disk = createDisk(recorded.root)
  const seed = findSeed(records, recorded)
  const isOfIndex = createIndexFilter(records)
  const acknowledged: Head[] = []
  const faults: string[] = []
  const offset = random.whole(stride)
  let [points, states, bad, shown] = [0, 0, 0, 0]

  const check = async (spared: Spared, name: string): Promise<void> => {
    using image = createImage(disk.crash(spared, isTruth))
    const found = await checkImage(image.folder, { acknowledged, seed })
    states++
    if (found.length === 0) return
    bad++
    if (faults.length < 20) faults.push(`point ${points}, ${name}: ${found[0]}`)
  }
  const show = async (spared: Spared): Promise<void> => {
    using image = createImage(disk.crash(spared, isOfService))
    await onImage?.(image.folder, acknowledged)
  }

  for (const [n, record] of records.entries()) {
    acknowledged.push(...readAcknowledged(record))
    disk.apply(record)
    // What happens to the index alone changes nothing that these checks look at.
    if (!isOfIndex(record) && (points++ + offset) % stride === 0) {
      await check(nothingSpared, 'nothing unsynced')
      await check(everythingSpared, 'everything')
      for (let m = 0; m < tornPerPoint; m++) await check(createTorn(random), 'torn')
    }
    if (shown < imagesShown && n >= ((shown + 1) * records.length) / (imagesShown + 1)) {
      shown++
      await show(shown % 2 === 0 ? nothingSpared : createTorn(random))
    }
  }
  return { points, states, acknowledged: acknowledged.length, bad, faults }
}

/** Each sector of each unsynced write on its own, and a beginning of the changes of names. */
export function createTorn(random: Random): Spared {
  const share = random()
  return { change: () => random() < share, names: (count) => random.whole(count + 1) }
}

/** Shared memory is no part of an image: the first to open a database makes it anew. */
const isOfService = (path: string): boolean => !path.endsWith('-shm')
const isTruth = (path: string): boolean => isOfService(path) && !basename(path).startsWith('index')

function createIndexFilter(records: readonly JournalRecord[]) {
  const ofIndex = new Set<bigint>()
  for (const record of records) {
    if (record.kind === 'open' && !isTruth(record.path)) ofIndex.add(record.handle)
  }
  return (record: JournalRecord): boolean => 'handle' in record && ofIndex.has(record.handle)
}

function findSeed(records: readonly JournalRecord[], { data }: RecordedFolder): Buffer {
  const disk = createDisk(dirname(data))
  for (const record of records) disk.apply(record)
  const path = join(data, 'seed')
  const seed = disk.crash(everythingSpared, (other) => other === path).get(path)
  if (seed === undefined) throw new Error('The journal has no seed.')
  return seed
}

/** Memory where there is some as a folder: thousands of images are written. */
const imagesFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function createImage(
  files: ReadonlyMap<string, Buffer>,
): Disposable & { readonly folder: string } {
  const folder = join(imagesFolder, `indelible-crash-${process.pid}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [path, content] of files) writeFileSync(join(folder, basename(path)), content)
  return {
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
