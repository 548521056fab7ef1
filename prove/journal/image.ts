import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Memory where there is some as a folder: a million images are written. */
const imagesFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Contents by name. */
export type Files = ReadonlyMap<string, Buffer>

/** A folder that becomes what one crash left, and then what the next did. */
export function createImage(): Disposable & {
  readonly folder: string
  /** Makes the folder hold these files, by name, and nothing else. */
  write(files: Files): void
} {
  const folder = mkdtempSync(join(imagesFolder, 'indelible-image-'))
  let written: Files = new Map()
  /** Whoever opened the image may have written to it, or have removed it. */
  const isAsWritten = (path: string): boolean =>
    statSync(path, { throwIfNoEntry: false })?.mtimeMs === 0
  return {
    folder,
    write(files) {
      for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name))
      for (const [name, content] of files) {
        const path = join(folder, name)
        if (isSame(written.get(name), content) && isAsWritten(path)) continue
        writeFileSync(path, content)
        utimesSync(path, 0, 0)
      }
      written = files
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export const isSame = (left: Buffer | undefined, right: Buffer | undefined): boolean =>
  left === right || (left !== undefined && right !== undefined && left.equals(right))
