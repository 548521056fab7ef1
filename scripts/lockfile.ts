import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A package as npm writes it into package-lock.json. */
export interface Locked {
  readonly version?: string
  /** An SPDX expression. */
  readonly license?: string
  readonly integrity?: string
  /** Of a package of the workspace: the folder it lies in. */
  readonly resolved?: string
  readonly link?: boolean
  /** Where it is installed under another name: its own. */
  readonly name?: string
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lockfile = fileURLToPath(new URL('../package-lock.json', import.meta.url))

/** Every package of the repository, ours and others', by the folder that it is installed in. */
export const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>> // as npm writes it
}

/** The command line and, with it, the service: what is installed to run it. */
export const program = 'packages/cli'

export const isOthers = (path: string): boolean => path.includes('node_modules/')

/** `node_modules/a/node_modules/@b/c` → `@b/c`. */
export const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path

/** Where Node finds a package that is asked for from a folder: there, or in a folder above. */
export function locate(from: string, name: string): string | undefined {
  const path = posix.join(from, 'node_modules', name)
  const found = packages[path]
  if (found !== undefined) return found.link === true ? found.resolved : path
  if (from === '') return undefined
  const above = posix.dirname(from)
  return locate(above === '.' ? '' : above, name)
}

/** What a package needs, and all that those need, itself included. @returns folders, sorted */
export function collect(
  folder: string,
  needsOf: (locked: Locked) => Readonly<Record<string, string>> | undefined,
): string[] {
  const found = new Set<string>()
  const visit = (path: string): void => {
    if (found.has(path)) return
    found.add(path)
    for (const name of Object.keys(needsOf(packages[path] ?? {}) ?? {})) {
      const target = locate(path, name)
      if (target === undefined) throw new Error(`package-lock.json has no ${name}.`)
      visit(target)
    }
  }
  visit(folder)
  return [...found].sort()
}

/** What runs the service, prebuilt parts for every platform included, of which one is installed. */
export const runtime: readonly string[] = collect(
  program,
  ({ dependencies, optionalDependencies }) => ({ ...dependencies, ...optionalDependencies }),
)
