import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A change of one source file, made while it is loaded; the file itself stays as it is. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string
  /** Stands there exactly once. */
  readonly find: string
  readonly replace: string
}

export const repository = join(import.meta.dirname, '../..')
const plant = pathToFileURL(join(import.meta.dirname, 'plant.ts')).href

/**
 * The environment of a Node process, and of all its threads and children, that loads the edited
 * sources.
 * @param options.path the edits are written to this file
 * @throws Error where an edit does not fit the source any more: it would plant nothing
 */
export function preparePlanting(options: {
  readonly edits: readonly Edit[]
  readonly path: string
}): Record<string, string> {
  const { edits, path } = options
  for (const edit of edits) assertFits(edit)
  writeFileSync(path, JSON.stringify(edits))
  return { NODE_OPTIONS: `--import=${plant}`, PROVE_EDITS: path }
}

/** @throws Error where the text to be replaced is not there, or more than once */
export function assertFits({ file, find }: Edit): void {
  const count = readFileSync(join(repository, file), 'utf8').split(find).length - 1
  if (count === 1) return
  throw new Error(`${file}: an edit must fit exactly one place, and fits ${count}: ${find}`)
}
