import { posix } from 'node:path'
import { type Finding, isTest, type Repository } from './repository.ts'

export interface ReachRules {
  /** Entry points that no package.json, test or command in a document names. */
  readonly entryPoints: readonly string[]
}

/** Every TypeScript file is reached from a command, a package's exports, or a test. */
export function checkReach(repository: Repository, rules: ReachRules): Finding[] {
  const { sources } = repository
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined) visit(target)
    }
  }
  for (const path of findEntryPoints(repository)) visit(path)
  for (const path of rules.entryPoints) visit(path)
  return [
    ...rules.entryPoints
      .filter((path) => !byPath.has(path))
      .map((path) => ({ path, rule: 'dead files', detail: 'is an entry point that is gone' })),
    ...sources
      .filter(({ path }) => !reached.has(path))
      .map(({ path }) => ({ path, rule: 'dead files', detail: 'nothing reaches it' })),
  ]
}

function findEntryPoints({ paths, read }: Repository): string[] {
  const tests = paths.filter((path) => /\.test\.tsx?$/.test(path) || /\.config\.ts$/.test(path))
  const inPackages = paths
    .filter((path) => path.endsWith('package.json'))
    .flatMap((path) => {
      const folder = path.slice(0, -'package.json'.length)
      const { exports, bin, scripts } = JSON.parse(read(path)) as Record<string, unknown>
      const text = JSON.stringify([exports, bin, scripts])
      return [...text.matchAll(/[\w./-]+\.ts/g)].map(([name]) => posix.join(folder, name))
    })
  const inCommands = paths
    .filter((path) => path.endsWith('.md') || path.startsWith('.ci/'))
    .flatMap((path) => [...read(path).matchAll(/node(?:\.mjs)? ([\w./-]+\.ts)/g)])
    .map((match) => match[1] ?? '')
  return [...tests, ...inPackages, ...inCommands]
}

/** A test that vitest does not look for would be green for ever. */
export function checkTestsAreRun({ paths }: Repository): Finding[] {
  return paths
    .filter((path) => isTest(path) && /\.(spec|tests)\.tsx?$/.test(path))
    .map((path) => ({ path, rule: 'tests', detail: 'a test’s name ends in .test.ts' }))
}
