import { ClientError } from '../error.ts'
import * as limits from '../limits.ts'
import type { Fs } from './files.ts'

export interface Lock {
  release(): void
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process began, by the kernel's clock: a pid alone is given out again. */
  readonly began?: string | undefined
}

/** Field 22 of /proc/<pid>/stat, since the second may hold spaces; undefined where there is none. */
function readBegan(fs: Fs, pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isHolder = typeof value === 'object' && value !== null && 'pid' in value
    // Written by this file alone; a torn one isn't JSON.
    return isHolder ? (value as Holder) : undefined
  } catch {
    return undefined
  }
}

const hostName = () => process.getBuiltinModule('node:os').hostname()

/** Paths held by clients of this process, in whichever copy of this package. */
function heldHere(): Set<string> {
  const key = Symbol.for('indelible.client.spools')
  const place = globalThis as { [key]?: Set<string> }
  place[key] ??= new Set()
  return place[key]
}

/**
 * One process for a spool: two would deliver each other's events and cut each other's lines. The lock
 * of a process that is gone is taken over; of another host's process (a shared volume), once it gave
 * no sign of life for `lockStaleMs`.
 * @throws ClientError `spool-in-use`
 */
export function takeLock(options: {
  readonly fs: Fs
  readonly path: string
  readonly clock: () => number
}): Lock {
  const { fs, clock } = options
  const path = `${options.path}.lock`
  const resolved = process.getBuiltinModule('node:path').resolve(path)
  const inUse = (by: string) => {
    const advice = 'Give every process a spool of its own.'
    return new ClientError(
      'spool-in-use',
      `The spool ${options.path} is in use by ${by}. ${advice}`,
    )
  }
  if (heldHere().has(resolved)) throw inUse('another client of this process')
  const own: Holder = { pid: process.pid, host: hostName(), began: readBegan(fs, process.pid) }
  clearStale(fs, path, own, clock(), inUse)
  if (!place(fs, path, JSON.stringify(own))) throw inUse('a process that began at this moment')
  heldHere().add(resolved)
  const touch = setInterval(() => {
    const now = new Date(clock())
    fs.utimes(path, now, now, () => undefined)
  }, limits.lockTouchMs)
  touch.unref()
  return {
    release() {
      clearInterval(touch)
      heldHere().delete(resolved)
      fs.rmSync(path, { force: true })
    },
  }
}

/**
 * A link gives the name to a file that is whole already: nobody ever sees half a lock, but after a power
 * cut. @returns false where somebody else was faster
 */
function place(fs: Fs, path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.new`
  try {
    fs.writeFileSync(draft, text, { mode: 0o600 })
    fs.linkSync(draft, path)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return false
    if (!noLinks.includes(String(code))) throw error
    return placeAtOnce(fs, path, text)
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

/** What file systems without links say: FAT, some shares. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES']

function placeAtOnce(fs: Fs, path: string, text: string): boolean {
  try {
    fs.writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function clearStale(
  fs: Fs,
  path: string,
  own: Holder,
  now: number,
  inUse: (by: string) => ClientError,
): void {
  if (!fs.existsSync(path)) return
  const text = fs.readFileSync(path, 'utf8')
  const holder = parseHolder(text)
  const isQuiet = now - fs.statSync(path).mtimeMs > limits.lockStaleMs
  // Half a lock is what a power cut left: its process is gone with all others of that machine.
  if (holder !== undefined && isAlive(fs, holder, own, isQuiet)) {
    throw inUse(`process ${holder.pid} of ${holder.host}`)
  }
  // By a name of our own first: two may find it stale, and the slower must not take the faster's.
  const aside = `${path}.${own.pid}`
  fs.renameSync(path, aside)
  const isSame = fs.readFileSync(aside, 'utf8') === text
  if (!isSame) fs.renameSync(aside, path)
  else fs.rmSync(aside)
  if (!isSame) throw inUse('a process that began at this moment')
}

function isAlive(fs: Fs, holder: Holder, own: Holder, isQuiet: boolean): boolean {
  if (holder.host !== own.host) return !isQuiet
  // This process holds none, as was seen: its pid is a predecessor's, as pid 1 of a container is.
  if (holder.pid === own.pid || !isRunning(holder.pid)) return false
  const began = readBegan(fs, holder.pid)
  return began === undefined || holder.began === undefined || began === holder.began
}
