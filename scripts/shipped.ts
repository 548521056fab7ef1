import { readFileSync } from 'node:fs'
import { isOthers, type Locked, nameOf, packages, runtime } from './lockfile.ts'

/** A package of others of which something is shipped. */
export interface Part {
  /** The folder that it is installed in. */
  readonly path: string
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly licence: string
}

/** Pages whose scripts are made of others' packages, too, by the bundler. */
export const pages = ['console', 'guide'] as const

const describe = (path: string, { version = '', license }: Locked): Part => ({
  path,
  name: nameOf(path),
  version,
  licence: license?.replaceAll(/[()]/g, '') ?? 'unknown',
})

/** What the service runs on, Node aside. */
export const service: readonly Part[] = runtime
  .filter(isOthers)
  .map((path) => describe(path, packages[path] ?? {}))

/**
 * What the bundler took into pages: the list that it leaves beside them, with each licence's text.
 * @throws Error where they are not built, or of other versions than those of package-lock.json
 */
export function readBundled(page: (typeof pages)[number]): Part[] {
  const list = new URL(`../packages/${page}/dist/licences.json`, import.meta.url)
  const bundled = JSON.parse(readFileSync(list, 'utf8')) as readonly Part[] // as Vite writes it
  return bundled.map(({ name, version }) => {
    const found = Object.entries(packages).find(
      ([path, locked]) => isOthers(path) && nameOf(path) === name && locked.version === version,
    )
    if (found === undefined) throw new Error(`package-lock.json has no ${name} ${version}.`)
    return describe(...found)
  })
}
