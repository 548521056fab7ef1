import { type FileHandle, open } from 'node:fs/promises'
import type { RefusedLine } from './batches.ts'

/** Where lines go that the service didn't take: `{ line, code, detail, errors?, text }`, NDJSON. */
export interface RefusedFile extends AsyncDisposable {
  readonly path: string
  /** On the disk when it resolves. A crash before the state is saved may list a line twice. */
  add(lines: readonly RefusedLine[]): Promise<void>
}

const describe = ({ line, problem }: RefusedLine): string =>
  JSON.stringify({ line: line.number, ...problem, text: line.bytes?.toString('utf8') ?? null })

/** The file is made by its first line: no refusals, no file. */
export function createRefusedFile(path: string, options: { isResumed: boolean }): RefusedFile {
  let file: FileHandle | undefined
  return {
    path,
    async add(lines) {
      if (lines.length === 0) return
      file ??= await open(path, options.isResumed ? 'a' : 'w', 0o600)
      await file.appendFile(lines.map((line) => `${describe(line)}\n`).join(''))
      await file.datasync()
    },
    async [Symbol.asyncDispose]() {
      await file?.close()
    },
  }
}
