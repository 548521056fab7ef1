import { isBuiltin } from 'node:module'
import { type Finding, isTest, type Repository } from './repository.ts'
import type { Source } from './source.ts'

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly workspaces?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface PackageRules {
  /** Dependencies that are used by their presence, and where. */
  readonly usedWithoutImport: Readonly<Record<string, string>>
}

/** Every import is declared where it is used, every dependency is used, every version exact. */
export function checkPackages(repository: Repository, rules: PackageRules): Finding[] {
  const manifests = repository.paths
    .filter((path) => /^((packages|examples)\/[^/]+\/)?package\.json$/.test(path))
    .map((path) => ({ path, manifest: JSON.parse(repository.read(path)) as Manifest }))
  // Tests and benches may use what any package declares, and every package of the workspace.
  const forTests = manifests.flatMap(({ manifest: { name, dependencies, devDependencies } }) => [
    name ?? '',
    ...Object.keys({ ...dependencies, ...devDependencies }),
  ])
  return manifests.flatMap(({ path, manifest }) => [
    ...findUndeclared(repository, path, manifest, forTests),
    ...findUnused(repository, path, manifest, rules),
    ...findInexact(path, manifest),
  ])
}

interface Lockfile {
  readonly packages?: Readonly<Record<string, Manifest>>
}

/** npm drops what it could not fetch while it wrote the lockfile, and `npm ci` then refuses it. */
export function checkLockfile({ paths, read }: Repository): Finding[] {
  const path = 'package-lock.json'
  if (!paths.includes(path)) return []
  const { packages = {} } = JSON.parse(read(path)) as Lockfile // as npm writes it
  return Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages))
      .filter((name) => !(`${from}/node_modules/${name}` in packages))
      .map((name) => ({
        path,
        rule: 'dependencies',
        detail: `lacks ${name}, which ${from === '' ? 'the root' : from} can need`,
      })),
  )
}

/** `@scope/name/sub` → `@scope/name`. */
const nameOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Of the sources nearest to that package.json. */
function importsOf({ sources, paths }: Repository, path: string) {
  const isNearest = ({ path: source }: Source): boolean => {
    const [own = ''] = /^(?:packages|examples)\/[^/]+\//.exec(source) ?? []
    return path === (paths.includes(`${own}package.json`) ? `${own}package.json` : 'package.json')
  }
  return sources
    .filter(isNearest)
    .flatMap((source) =>
      source.imports
        .filter(({ specifier, target }) => target === undefined && !isBuiltin(specifier))
        .map(({ specifier, line }) => ({ from: source.path, name: nameOf(specifier), line })),
    )
}

function findUndeclared(
  repository: Repository,
  path: string,
  { name: own, dependencies, devDependencies }: Manifest,
  forTests: readonly string[],
): Finding[] {
  const declared = new Set(Object.keys({ ...dependencies, ...devDependencies }))
  return importsOf(repository, path)
    .filter(({ name, from }) => {
      const isFine = declared.has(name) || name === own
      return !isFine && !((isTest(from) || path === 'package.json') && forTests.includes(name))
    })
    .map(({ name, from, line }) => ({
      path: from,
      line,
      rule: 'dependencies',
      detail: `imports ${name}, which ${path} does not declare`,
    }))
}

function findUnused(
  repository: Repository,
  path: string,
  { dependencies, devDependencies }: Manifest,
  { usedWithoutImport }: PackageRules,
): Finding[] {
  const imported = new Set(importsOf(repository, path).map(({ name }) => name))
  const everywhere = new Set(
    repository.sources.flatMap((source) =>
      source.imports.map(({ specifier }) => nameOf(specifier)),
    ),
  )
  const isUsed = (name: string, isDev: boolean): boolean =>
    imported.has(name) ||
    (isDev && everywhere.has(name.replace(/^@types\//, ''))) ||
    name in usedWithoutImport
  return [
    ...Object.keys(dependencies ?? {}).filter((name) => !isUsed(name, false)),
    ...Object.keys(devDependencies ?? {}).filter((name) => !isUsed(name, true)),
  ].map((name) => ({ path, rule: 'dependencies', detail: `declares ${name} and does not use it` }))
}

function findInexact(path: string, manifest: Manifest): Finding[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(
      ([name, version]) =>
        !/^(?:npm:.+@)?\d+\.\d+\.\d+/.test(version) && !name.includes('indelible'),
    )
    .map(([name, version]) => ({
      path,
      rule: 'dependencies',
      detail: `${name} is "${version}": pin the exact version`,
    }))
}
