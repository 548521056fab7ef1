import { dirname } from 'node:path'
import type { JournalRecord } from './journal.ts'

/** A disk keeps or loses whole sectors. */
const sectorBytes = 512

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }

/** A file or folder, whatever its names are. */
interface Inode {
  /** Content as of the last fsync. */
  durable: Buffer
  /** What was changed since, oldest first. */
  unsynced: Change[]
}

/** Names of one folder that change together: a rename is two. */
interface NameChange {
  readonly folder: string
  readonly names: readonly (readonly [path: string, inode: Inode | undefined])[]
}

/** What a crash spares of what was never synced. */
export interface Spared {
  /** Is this sector of an unsynced write, or this truncation, on the disk? */
  readonly change: () => boolean
  /** How many of the unsynced changes of names are; they reach a journalled disk in order. */
  readonly names: (count: number) => number
}

export const nothingSpared: Spared = { change: () => false, names: () => 0 }
export const everythingSpared: Spared = { change: () => true, names: (count) => count }

/**
 * A disk below one folder, following a journal. What an fsync covered is durable; the rest is up
 * to the crash. Names are durable only by an fsync of their folder, as POSIX has it; file systems
 * are kinder.
 */
export function createDisk(root: string) {
  const names = new Map<string, Inode>([[root, createInode()]])
  const durableNames = new Map(names)
  let unsyncedNames: NameChange[] = []
  const handles = new Map<bigint, Inode>()

  const rename = (changes: NameChange['names']): void => {
    for (const [path, inode] of changes) setName(names, path, inode)
    unsyncedNames.push({ folder: dirname(changes[0]?.[0] ?? root), names: changes })
  }
  const open = (path: string): Inode => {
    const known = names.get(path)
    if (known !== undefined) return known
    const inode = createInode()
    rename([[path, inode]])
    return inode
  }
  const find = (handle: bigint): Inode => {
    const inode = handles.get(handle)
    if (inode === undefined) throw new Error('The journal writes to a file it never opened.')
    return inode
  }
  const sync = (inode: Inode): void => {
    inode.durable = applyAll(inode, () => true)
    inode.unsynced = []
    const isOfFolder = ({ folder }: NameChange) => names.get(folder) === inode
    for (const change of unsyncedNames.filter(isOfFolder)) {
      for (const [path, named] of change.names) setName(durableNames, path, named)
    }
    unsyncedNames = unsyncedNames.filter((change) => !isOfFolder(change))
  }

  return {
    /** @returns whether a crash right after it can leave something that one before it could not */
    apply(record: JournalRecord): boolean {
      switch (record.kind) {
        case 'open': {
          const count = unsyncedNames.length
          const inode = open(record.path)
          handles.set(record.handle, inode)
          if (record.empty) inode.unsynced.push({ kind: 'truncate', size: 0 })
          return record.empty || unsyncedNames.length > count
        }
        case 'write':
          find(record.handle).unsynced.push(record)
          return true
        case 'truncate':
          find(record.handle).unsynced.push(record)
          return true
        case 'sync':
          sync(find(record.handle))
          return true
        case 'rename':
          rename([
            [record.to, names.get(record.from)],
            [record.from, undefined],
          ])
          return true
        case 'link':
          rename([[record.to, names.get(record.from)]])
          return true
        case 'unlink':
          rename([[record.path, undefined]])
          return true
        case 'mkdir':
          open(record.path)
          return true
        case 'answer':
          return true
      }
    },
    /** The files a crash leaves now, by path. Reads nothing from a folder that was lost. */
    crash(spared: Spared, wants: (path: string) => boolean): Map<string, Buffer> {
      const left = new Map(durableNames)
      for (const change of unsyncedNames.slice(0, spared.names(unsyncedNames.length))) {
        for (const [path, inode] of change.names) setName(left, path, inode)
      }
      const files = new Map<string, Buffer>()
      for (const [path, inode] of left) {
        if (!wants(path) || !left.has(dirname(path))) continue
        files.set(path, applyAll(inode, spared.change))
      }
      return files
    },
  }
}

const createInode = (): Inode => ({ durable: Buffer.alloc(0), unsynced: [] })

function setName(names: Map<string, Inode>, path: string, inode: Inode | undefined): void {
  if (inode === undefined) names.delete(path)
  else names.set(path, inode)
}

/** Content with those changes that are kept; what was never written in between reads as zeros. */
function applyAll({ durable, unsynced }: Inode, isKept: () => boolean): Buffer {
  if (unsynced.length === 0) return durable
  const end = unsynced.reduce((size, change) => Math.max(size, endOf(change)), durable.length)
  const content = Buffer.alloc(end)
  durable.copy(content)
  let size = durable.length
  for (const change of unsynced) {
    if (change.kind === 'truncate') {
      if (!isKept()) continue
      if (change.size < size) content.fill(0, change.size, size)
      size = change.size
      continue
    }
    const { at, data } = change
    for (let from = at; from < at + data.length; ) {
      const until = Math.min(at + data.length, (Math.floor(from / sectorBytes) + 1) * sectorBytes)
      if (isKept()) {
        data.copy(content, from, from - at, until - at)
        size = Math.max(size, until)
      }
      from = until
    }
  }
  return content.subarray(0, size)
}

const endOf = (change: Change): number =>
  change.kind === 'truncate' ? change.size : change.at + change.data.length
