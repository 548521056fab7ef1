import * as limits from '../limits.ts'
import type { FsyncPolicy } from '../options.ts'
import { type Fs, syncFolderOf } from './files.ts'

/** Brings a spool's file, and its name, to the disk. Owns what is pending of it. */
export class Syncing {
  readonly #fs: Fs
  readonly #options: SyncingOptions
  #timer: NodeJS.Timeout | undefined
  /** A sync under way, on a descriptor that must not be closed before it ends. */
  #busyFd: number | undefined
  /** A sync failed. The next would succeed without what this one dropped: the file is written anew. */
  #isDoubtful = false
  /** The file's name may not be on the disk yet, whoever gave it. */
  #isNamePending = true
  #hasEnded = false

  constructor(fs: Fs, options: SyncingOptions) {
    this.#fs = fs
    this.#options = options
  }

  get isDoubtful(): boolean {
    return this.#isDoubtful
  }

  /** What was written is on the disk after this, or soon, as the policy has it. @throws Error */
  written(): void {
    if (this.#options.fsync === 'each') this.now()
    if (this.#options.fsync === 'second') this.soon()
  }

  /** The file is a new one, which was synced, under the old one's name. */
  renewed(): void {
    this.#isDoubtful = false
    this.#isNamePending = true
    if (this.#options.fsync === 'second') this.soon()
  }

  /** @throws Error */
  now(): void {
    try {
      this.#fs.fdatasyncSync(this.#options.file())
    } catch (error) {
      this.#isDoubtful = true
      throw error
    }
    this.#syncName()
  }

  soon(): void {
    if (this.#timer !== undefined || this.#hasEnded) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#busyFd !== undefined) return this.soon()
      try {
        if (this.#isDoubtful) this.#options.writeAnew()
        this.#syncName()
      } catch (error) {
        this.#failed(error)
      }
      this.#syncInBackground(this.#options.file())
    }, limits.syncIntervalMs)
    this.#timer.unref()
  }

  /** Closes a descriptor, once no sync is under way on it. */
  close(fd: number): void {
    if (fd !== this.#busyFd) this.#fs.closeSync(fd)
  }

  end(): void {
    this.#hasEnded = true
    clearTimeout(this.#timer)
  }

  #syncName(): void {
    if (!this.#isNamePending) return
    syncFolderOf(this.#fs, this.#options.path)
    this.#isNamePending = false
  }

  #syncInBackground(fd: number): void {
    this.#busyFd = fd
    this.#fs.fdatasync(fd, (error) => {
      this.#busyFd = undefined
      const isCurrent = !this.#hasEnded && fd === this.#options.file()
      if (!isCurrent) this.#fs.closeSync(fd)
      if (error === null) return
      this.#isDoubtful ||= isCurrent
      this.#failed(error)
    })
  }

  #failed(error: unknown): void {
    this.#options.onFailed(error)
    this.soon()
  }
}

export interface SyncingOptions {
  readonly path: string
  readonly fsync: FsyncPolicy
  /** The file's descriptor, as of now. */
  readonly file: () => number
  /** @throws Error */
  readonly writeAnew: () => void
  readonly onFailed: (error: unknown) => void
}
