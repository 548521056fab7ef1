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
 * @param options.environment whose edits, if it plants any, are made first
 * @param options.imports modules that the edits stand on, as URLs
 * @throws Error where an edit does not fit the source any more: it would plant nothing
 */
export function preparePlanting(options: {
  readonly edits: readonly Edit[]
  readonly path: string
  readonly environment?: Readonly<Record<string, string>>
  readonly imports?: readonly string[]
}): Record<string, string> {
  const { edits, path, environment = {}, imports = [] } = options
  for (const edit of edits) assertFits(edit)
  const { PROVE_EDITS: former } = environment
  const first: Edit[] = former === undefined ? [] : JSON.parse(readFileSync(former, 'utf8'))
  writeFileSync(path, JSON.stringify([...first, ...edits]))
  const flags = [...imports, plant].map((url) => `--import=${url}`).join(' ')
  return { ...environment, NODE_OPTIONS: flags, PROVE_EDITS: path }
}

/** @throws Error where the text to be replaced is not there, or more than once */
export function assertFits({ file, find }: Edit): void {
  const count = readFileSync(join(repository, file), 'utf8').split(find).length - 1
  if (count === 1) return
  throw new Error(`${file}: an edit must fit exactly one place, and fits ${count}: ${find}`)
}
