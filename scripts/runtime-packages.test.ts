import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Locked {
  /** Of a package of the workspace: the folder it lies in. */
  readonly resolved?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

/** What a person who runs the service trusts beside us and Node: each can change what it does. */
const packagesMax = 110

const lockfile = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>> // as npm writes it
}

/** Where Node finds a package that is asked for from a folder: there, or in a folder above. */
function locate(from: string, name: string): string {
  const path = posix.join(from, 'node_modules', name)
  const found = packages[path]
  if (found !== undefined) return found.link === true ? (found.resolved ?? path) : path
  if (from === '') throw new Error(`package-lock.json has no ${name}.`)
  const above = posix.dirname(from)
  return locate(above === '.' ? '' : above, name)
}

function collect(folder: string, found: Set<string>): Set<string> {
  if (found.has(folder)) return found
  found.add(folder)
  for (const name of Object.keys(packages[folder]?.dependencies ?? {})) {
    collect(locate(folder, name), found)
  }
  return found
}

test('the service runs on at most 110 packages of others', () => {
  const all = [...collect('packages/cli', collect('packages/server', new Set()))]
  const others = all.filter((path) => path.includes('node_modules/')).sort()
  expect(others).toContain('node_modules/fastify')
  expect(others.length, others.join('\n')).toBeLessThanOrEqual(packagesMax)
})
