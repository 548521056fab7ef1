import type { Backlog, Pending } from '../backlog.ts'
import { ClientError } from '../error.ts'
import * as limits from '../limits.ts'
import type { FsyncPolicy } from '../options.ts'
import { appendWhole, type Fs, requireFs, spoolFailed } from './files.ts'
import {
  formatFrame,
  formatProgress,
  headerBytes,
  parseFrame,
  parseHeader,
  parseProgress,
} from './frame.ts'
import { readLines } from './lines.ts'
import { type Lock, takeLock } from './lock.ts'
import { rewrite } from './rewrite.ts'
import { Syncing } from './syncing.ts'

export interface SpoolOptions {
  readonly path: string
  readonly bytesMax: number
  readonly fsync: FsyncPolicy
  readonly clock: () => number
  /** A line that isn't what was written, whole: the disk's fault. What was torn is no line. */
  readonly onDamaged: (line: string) => void
  readonly onError: (error: ClientError) => void
}

/**
 * A backlog in a file. What a crash leaves: in `push`, a torn last line, which is cut off (`record`
 * had not returned); between the service's answer and `commit`, events that are sent again, which
 * their ids make harmless; in `compact`, the old file or the new one.
 * @throws ClientError `spool-in-use`, `spool-failed`
 */
export function openSpool(options: SpoolOptions): Backlog {
  const fs = requireFs()
  let lock: Lock | undefined
  try {
    lock = takeLock({ fs, path: options.path, clock: options.clock })
    return new Spool(fs, options, lock.release)
  } catch (error) {
    lock?.release()
    throw error instanceof ClientError ? error : spoolFailed(options.path, error)
  }
}

class Spool implements Backlog {
  events = 0
  readonly #fs: Fs
  readonly #options: SpoolOptions
  readonly #release: () => void
  readonly #syncing: Syncing
  readonly #progressFd: number
  #fd: number
  #generation = ''
  /** Where the first undelivered event begins; where the file ends. */
  #from = 0
  #end = 0
  /** A line that failed may still be in the file: it is cut off before the next one. */
  #hasRest = false

  constructor(fs: Fs, options: SpoolOptions, release: () => void) {
    this.#fs = fs
    this.#options = options
    this.#release = release
    const { path, fsync, onError } = options
    this.#syncing = new Syncing(fs, {
      path,
      fsync,
      file: () => this.#fd,
      writeAnew: () => this.#compact(),
      onFailed: (error) => onError(spoolFailed(path, error)),
    })
    fs.rmSync(`${path}.new`, { force: true })
    this.#progressFd = fs.openSync(`${path}.progress`, constants(fs), 0o600)
    this.#fd = fs.openSync(path, 'a+', 0o600)
    const isSound = this.#recover()
    if (!isSound) this.#compact()
    // Its place on the disk is taken now: on a full one it could not be written for the first time.
    this.#attempt(() => this.#noteProgress())
    // What a killed process left was perhaps never synced.
    if (fsync === 'second') this.#syncing.soon()
  }

  get bytes(): number {
    return this.#end - this.#from
  }

  push(json: string): boolean {
    const frame = formatFrame(json)
    if (this.bytes + frame.length > this.#options.bytesMax) return false
    this.#append(frame)
    return true
  }

  postpone(first: Pending): void {
    this.#append(formatFrame(first.json))
    this.commit([first])
  }

  #append(frame: Buffer): void {
    try {
      if (this.#syncing.isDoubtful) this.#compact()
      if (this.#hasRest) this.#fs.ftruncateSync(this.#fd, this.#end)
      this.#hasRest = true
      appendWhole(this.#fs, this.#fd, frame)
      this.#syncing.written()
      this.#hasRest = false
    } catch (error) {
      throw spoolFailed(this.#options.path, error)
    }
    this.#end += frame.length
    this.events += 1
  }

  peek(eventsMax: number, bytesMax: number): readonly Pending[] {
    const batch: Pending[] = []
    let at = this.#from
    const firstBytes = Math.max(1, Math.min(bytesMax, this.bytes))
    try {
      for (const { bytes, end } of readLines(this.#fs, this.#fd, at, firstBytes)) {
        if (end > this.#end || (batch.length > 0 && end - this.#from > bytesMax)) break
        // Read, and found whole, when it was opened; or written since by this process.
        batch.push({ json: bytes.toString('utf8', 9), bytes: end - at })
        at = end
        if (batch.length >= eventsMax) break
      }
    } catch (error) {
      throw spoolFailed(this.#options.path, error)
    }
    if (batch.length > 0 || this.events === 0) return batch
    // Cut by somebody while it was in use: to wait is all that is left, and to say so.
    throw spoolFailed(this.#options.path, 'its events are gone from it.')
  }

  commit(settled: readonly Pending[]): void {
    this.events -= settled.length
    for (const { bytes } of settled) this.#from += bytes
    const delivered = this.#from - headerBytes
    // What is copied is never more than what was delivered since the last time.
    const copyBytesMax = Math.min(delivered, limits.compactCopyBytesMax)
    const isCheap = delivered >= limits.compactBytesMin && this.bytes <= copyBytesMax
    // Where one fails it is delivered all the same: after a crash it would be sent again, and be a
    // repeat. Both, since there may be no room to write the file anew.
    this.#attempt(() => this.#noteProgress())
    if (isCheap || delivered >= this.#options.bytesMax) this.#attempt(() => this.#compact())
  }

  /** What must not stop those who call is told. */
  #attempt(housekeeping: () => void): void {
    try {
      housekeeping()
    } catch (error) {
      this.#options.onError(spoolFailed(this.#options.path, error))
    }
  }

  close(): void {
    this.#syncing.end()
    const { path, fsync } = this.#options
    try {
      if (this.events > 0 && fsync !== 'never') this.#syncing.now()
      this.#syncing.close(this.#fd)
      this.#fs.closeSync(this.#progressFd)
      if (this.events > 0) return
      this.#fs.rmSync(path, { force: true })
      this.#fs.rmSync(`${path}.progress`, { force: true })
    } catch (error) {
      this.#options.onError(spoolFailed(path, error))
    } finally {
      this.#release()
    }
  }

  /** Finds the undelivered events; false where the file must be written anew. */
  #recover(): boolean {
    const { size } = this.#fs.fstatSync(this.#fd)
    const [header] = readLines(this.#fs, this.#fd, 0, headerBytes)
    const generation = parseHeader(header?.bytes.toString('latin1') ?? '')
    if (generation === undefined) {
      this.#end = size
      return false
    }
    const note = this.#fs.readFileSync(`${this.#options.path}.progress`, 'latin1')
    const delivered = parseProgress(note, generation)
    this.#generation = generation
    this.#from = delivered ?? headerBytes
    this.#end = this.#from
    // The note outlived what it speaks of (a power cut): new events must not come to lie before it.
    if (this.#from > size) {
      this.#from = this.#end = size
      return false
    }
    let isSound = true
    for (const { bytes, end } of readLines(this.#fs, this.#fd, this.#from)) {
      if (parseFrame(bytes) === undefined) isSound = false
      else this.events += 1
      this.#end = end
    }
    // A torn last line: its `record` had not returned.
    if (size > this.#end) this.#fs.ftruncateSync(this.#fd, this.#end)
    return isSound
  }

  #compact(): void {
    const { path, fsync, onDamaged } = this.#options
    const { fd, generation, events, end } = rewrite({
      fs: this.#fs,
      path,
      fd: this.#fd,
      from: this.#from,
      end: this.#end,
      isSynced: fsync !== 'never',
      onDamaged,
    })
    this.#syncing.close(this.#fd)
    this.#fd = fd
    this.#generation = generation
    this.#from = headerBytes
    this.#end = end
    this.events = events
    this.#hasRest = false
    this.#syncing.renewed()
  }

  #noteProgress(): void {
    const note = formatProgress(this.#generation, this.#from)
    this.#fs.writeSync(this.#progressFd, note, 0, 'latin1')
  }
}

/** Read and write anywhere, made if missing, never cut. */
const constants = ({ constants: { O_RDWR, O_CREAT } }: Fs): number => O_RDWR | O_CREAT
