import { dirname } from 'node:path'
import type { JournalRecord } from './journal.ts'
import type { Spared } from './spared.ts'

/** A disk keeps or loses whole sectors. */
const sectorBytes = 512

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }

/** A file or folder, whatever its names are. */
interface Inode {
  readonly isFolder: boolean
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

/**
 * A disk below one folder, following a journal. What an fsync covered is durable; the rest is up
 * to the crash. Names are durable only by an fsync of their folder, as POSIX has it; file systems
 * are kinder.
 * @param options.before what lay there when the journal began, durably: paths and contents, and
 * the folders they lie in
 */
export function createDisk(options: {
  readonly root: string
  readonly before?: ReadonlyMap<string, Buffer>
}) {
  const { root, before = [] } = options
  const names = new Map<string, Inode>([[root, createInode(true)]])
  for (const [path, content] of before) {
    names.set(path, { isFolder: false, durable: content, unsynced: [] })
    for (let at = dirname(path); !names.has(at); at = dirname(at)) names.set(at, createInode(true))
  }
  const durableNames = new Map(names)
  let unsyncedNames: NameChange[] = []
  const handles = new Map<bigint, Inode>()
  const opened = new Map<bigint, string>()

  const rename = (changes: NameChange['names']): void => {
    for (const [path, inode] of changes) setName(names, path, inode)
    unsyncedNames.push({ folder: dirname(changes[0]?.[0] ?? root), names: changes })
  }
  const open = (path: string, isFolder = false): Inode => {
    const known = names.get(path)
    if (known !== undefined) return known
    const inode = createInode(isFolder)
    rename([[path, inode]])
    return inode
  }
  const find = (handle: bigint): Inode => {
    const inode = handles.get(handle)
    if (inode === undefined) throw new Error('The journal writes to a file it never opened.')
    return inode
  }
  /** A folder's name counts only where the way to it does. */
  const isReached = (left: ReadonlyMap<string, Inode>, path: string): boolean =>
    path === root || (left.has(dirname(path)) && isReached(left, dirname(path)))
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
    /** Path of the file that a record is about, as it was opened; undefined where it has none. */
    pathOf(record: JournalRecord): string | undefined {
      if ('handle' in record) return opened.get(record.handle)
      if ('to' in record) return record.to
      return 'path' in record ? record.path : undefined
    },
    /** @returns whether a crash right after it can leave something that one before it could not */
    apply(record: JournalRecord): boolean {
      switch (record.kind) {
        case 'open': {
          const count = unsyncedNames.length
          const inode = open(record.path)
          handles.set(record.handle, inode)
          opened.set(record.handle, record.path)
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
          open(record.path, true)
          return true
        case 'answer':
          return true
      }
    },
    /** How many sectors and truncations of some files no fsync has covered yet. */
    countUnsynced(wants: (path: string) => boolean): number {
      const wanted = [...names].filter(([path]) => wants(path))
      return countUnsynced(new Set(wanted.map(([, inode]) => inode)))
    },
    /** The files a crash leaves now, by path. Reads nothing from a folder that was lost. */
    crash(spared: Spared, wants: (path: string) => boolean): Map<string, Buffer> {
      const left = new Map(durableNames)
      for (const change of unsyncedNames.slice(0, spared.names(unsyncedNames.length))) {
        for (const [path, inode] of change.names) setName(left, path, inode)
      }
      const files = new Map<string, Buffer>()
      for (const [path, inode] of left) {
        if (inode.isFolder || !wants(path) || !isReached(left, path)) continue
        files.set(path, applyAll(inode, spared.change))
      }
      return files
    },
  }
}

const createInode = (isFolder: boolean): Inode => ({
  isFolder,
  durable: Buffer.alloc(0),
  unsynced: [],
})

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

function countUnsynced(inodes: Iterable<Inode>): number {
  let count = 0
  for (const { unsynced } of inodes) {
    for (const change of unsynced) {
      if (change.kind === 'truncate') count++
      else count += countSectors(change.at, change.data.length)
    }
  }
  return count
}

const countSectors = (at: number, length: number): number =>
  length === 0 ? 0 : Math.ceil((at + length) / sectorBytes) - Math.floor(at / sectorBytes)

const endOf = (change: Change): number =>
  change.kind === 'truncate' ? change.size : change.at + change.data.length
