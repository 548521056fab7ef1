import { type Finding, isTest, packageOf, type Repository } from './repository.ts'
import type { Source } from './source.ts'

export interface DirectionRules {
  readonly server: string
  readonly layers: readonly (readonly string[])[]
  readonly namedOnlyBy: Readonly<Record<string, readonly string[]>>
  readonly packages: Readonly<Record<string, readonly string[] | 'any'>>
}

/** Imports inside the server point down; packages import what their line allows. */
export function checkDirection({ sources }: Repository, rules: DirectionRules): Finding[] {
  return sources.flatMap((source) => [
    ...checkLayers(source, rules),
    ...checkPackages(source, rules),
    ...checkTesting(source),
  ])
}

function checkLayers(source: Source, { server, layers, namedOnlyBy }: DirectionRules): Finding[] {
  if (!source.path.startsWith(server) || isTest(source.path)) return []
  const names = layers.flat()
  const placeOf = (path: string) =>
    names
      .filter((name) => path === `${server}${name}` || path.startsWith(`${server}${name}/`))
      .sort((one, other) => other.length - one.length)[0]
  const levelOf = (name: string) => layers.findIndex((layer) => layer.includes(name))
  const from = placeOf(source.path)
  if (from === undefined) {
    const detail = 'stands on no line of the direction table in scripts/tidy.ts'
    return [{ path: source.path, rule: 'direction', detail }]
  }
  return source.imports.flatMap(({ target, line }) => {
    const to = target?.startsWith(server) ? placeOf(target) : undefined
    if (to === undefined || to === from) return []
    const found = { path: source.path, line, rule: 'direction' }
    const only = namedOnlyBy[to]
    if (only !== undefined && !only.includes(from)) {
      return [{ ...found, detail: `only ${only.join(', ')} may name ${to}; imports ${target}` }]
    }
    if (levelOf(to) > levelOf(from)) return []
    const way = levelOf(to) === levelOf(from) ? 'sideways' : 'upwards'
    return [{ ...found, detail: `${from} imports ${way} from ${to}: ${target}` }]
  })
}

function checkPackages(source: Source, { packages }: DirectionRules): Finding[] {
  const own = packageOf(source.path)
  if (own === undefined) return []
  const found = { path: source.path, rule: 'packages' }
  const allowed = packages[own]
  if (allowed === undefined) {
    return [{ ...found, detail: `the package ${own} has no line in scripts/tidy.ts` }]
  }
  return source.imports.flatMap(({ specifier, target, line }) => {
    if (target !== undefined) {
      const crosses = packageOf(target) !== own && !isTest(source.path)
      return crosses ? [{ ...found, line, detail: `leaves its package by ${specifier}` }] : []
    }
    if (isTest(source.path) || allowed === 'any' || allowed.includes(specifier)) return []
    return [{ ...found, line, detail: `the package ${own} may not import ${specifier}` }]
  })
}

function checkTesting(source: Source): Finding[] {
  if (isTest(source.path)) return []
  return source.imports
    .filter(({ target, specifier }) =>
      isTest(`${target ?? (specifier === '@indelible/testkit' ? 'testkit/' : '')}`),
    )
    .map(({ line, specifier }) => ({
      path: source.path,
      line,
      rule: 'direction',
      detail: `what ships imports ${specifier}, which is for tests`,
    }))
}

/** No file imports itself by way of others. Type imports count: a cycle is hard to read, too. */
export function checkCycles({ sources }: Repository): Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const findings: Finding[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) {
      const cycle = [...trail.slice(at), path].join(' → ')
      findings.push({ path, rule: 'cycles', detail: cycle })
      return
    }
    if (done.has(path)) return
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined && byPath.has(target)) visit(target, [...trail, path])
    }
    done.add(path)
  }
  for (const { path } of sources) visit(path, [])
  return findings
}
