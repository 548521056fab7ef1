import { ClientError } from '../error.ts'

export type Fs = NonNullable<ReturnType<typeof findFs>>

const findFs = () => globalThis.process?.getBuiltinModule?.('node:fs')

/** Node's file system, found at run time: the main entry must load where there is none. */
export function requireFs(): Fs {
  const fs = findFs()
  if (fs !== undefined) return fs
  throw new ClientError('settings-invalid', 'A spool needs a file system; this runtime has none.')
}

/** Writes all of it at the end of a file. @throws Error, after which part of it may be there */
export function appendWhole(fs: Fs, fd: number, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) written += fs.writeSync(fd, bytes, written)
}

/**
 * Makes names durable: of files made, renamed and removed in a folder (POSIX `fsync` of the file alone
 * doesn't). Windows can't, and keeps names in a journal.
 */
export function syncFolderOf(fs: Fs, path: string): void {
  if (process.platform === 'win32') return
  const fd = fs.openSync(process.getBuiltinModule('node:path').dirname(path), 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

export const spoolFailed = (path: string, error: unknown): ClientError => {
  const why = error instanceof Error ? error.message : String(error)
  return new ClientError('spool-failed', `The spool ${path} fails: ${why}`, {
    cause: error,
  })
}
