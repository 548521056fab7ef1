import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openRepository } from './tidy/repository.ts'
import { readSources } from './tidy/source.ts'
import { findBreaches, formatFinding, repositoryRoot, rules } from './tidy.ts'

const manifest = (members: object = {}) =>
  JSON.stringify({ name: 'x', version: '0.1.0', ...members })
const tsconfig = JSON.stringify({
  compilerOptions: { noEmit: true, allowImportingTsExtensions: true, module: 'nodenext' },
  include: ['**/*.ts'],
})

/** Breaches of a repository made of these files, beside what it needs to be one. */
function tidy(files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'indelible-tidy-'))
  try {
    const all = { 'package.json': manifest(), 'tsconfig.json': tsconfig, ...files }
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const unlisted = { ...rules, entryPoints: [], usedWithoutImport: {} }
    return findBreaches(openRepository(root, readSources), unlisted).map(formatFinding)
  } finally {
    rmSync(root, { recursive: true })
  }
}

const server = 'packages/server/src/'
/** A server whose index reaches the files named. */
const withServer = (files: Readonly<Record<string, string>>) => ({
  'packages/server/package.json': manifest({ exports: './src/index.ts' }),
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [server + path, text])),
})

test('the trust kernel is as short as its README says', () => {
  const { paths, read } = openRepository(repositoryRoot, () => [])
  const kernel = paths.filter((path) => /^packages\/proof\/src\/[\w-]+\.ts$/.test(path))
  const lines = kernel
    .flatMap((path) => read(path).split('\n'))
    .filter((line) => line.trim() !== '')
  expect(kernel).toContain('packages/proof/src/receipt.ts')
  expect(lines.length).toBeLessThan(1_000)
})

test('the repository keeps the rules of the house', () => {
  expect(findBreaches(openRepository(repositoryRoot, readSources)).map(formatFinding)).toEqual([])
})

test('imports that point down are fine', () => {
  const files = withServer({
    'index.ts': "export * from './server.ts'",
    'server.ts': "import './http/app.ts'\nimport './store/sqlite/open.ts'",
    'http/app.ts': "import '../query/search.ts'",
    'query/search.ts': "import type {} from '../store/store.ts'",
    'store/sqlite/open.ts': "import type {} from '../store.ts'",
    'store/store.ts': 'export {}',
  })
  expect(tidy(files)).toEqual([])
})

test('an import that points up or sideways is found, type imports and dynamic ones too', () => {
  const files = withServer({
    'index.ts': "import './query/search.ts'\nimport './http/app.ts'\nimport './intake/admit.ts'",
    'http/app.ts': 'export {}',
    'intake/admit.ts': 'export {}',
    'query/search.ts':
      "import type {} from '../http/app.ts'\nexport const x = () => import('../intake/admit.ts')",
  })
  expect(tidy(files)).toEqual([
    `${server}query/search.ts:1  direction: query imports upwards from http: ${server}http/app.ts`,
    `${server}query/search.ts:2  direction: query imports sideways from intake: ${server}intake/admit.ts`,
  ])
})

test('only composition names a store', () => {
  const files = withServer({
    'index.ts': "import './http/app.ts'",
    'http/app.ts': "import '../store/sqlite/open.ts'",
    'store/sqlite/open.ts': 'export {}',
  })
  expect(tidy(files)).toEqual([expect.stringContaining('may name store/sqlite')])
})

test('a folder that the direction table leaves out is found', () => {
  const files = withServer({ 'index.ts': "import './misc/x.ts'", 'misc/x.ts': 'export {}' })
  expect(tidy(files)).toEqual([expect.stringContaining('stands on no line')])
})

test('the trust kernel imports nothing, not even Node', () => {
  const files = {
    'packages/proof/package.json': manifest({ exports: './src/index.ts' }),
    'packages/proof/src/index.ts': "import 'node:crypto'",
  }
  expect(tidy(files)).toEqual([expect.stringContaining('proof may not import node:crypto')])
})

test('a cycle is found, and what ships may not import what is for tests', () => {
  const files = withServer({
    'index.ts': "import './http/a.ts'",
    'http/a.ts': "import './b.ts'",
    'http/b.ts': "import './a.ts'\nimport './testing/c.ts'",
    'http/testing/c.ts': 'export {}',
  })
  const found = tidy(files)
  expect(found).toContainEqual(expect.stringContaining('cycles:'))
  expect(found).toContainEqual(expect.stringContaining('which is for tests'))
})

test('a long function is found, unless its steps are numbered; a function inside counts itself', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `  f(${n})`).join('\n')
  const file = (body: string) =>
    withServer({
      'index.ts': `declare function f(n: number): void\nexport function long() {\n${body}\n}\n`,
    })
  expect(tidy(file(lines(69)))).toEqual([expect.stringContaining('long has 71 lines')])
  expect(tidy(file(lines(68)))).toEqual([])
  expect(tidy(file(`  // 1 a\n  // 2 b\n  // 3 c\n${lines(90)}`))).toEqual([])
  expect(tidy(file(`${lines(40)}\n  const inner = () => {\n${lines(40)}\n  }\n  inner()`))).toEqual(
    [],
  )
})

test('long files, dead files and names that say nothing are found', () => {
  const found = tidy(
    withServer({ 'index.ts': `${'// x\n'.repeat(401)}`, 'http/utils.ts': 'export {}' }),
  )
  expect(found).toEqual([
    expect.stringContaining('names: "utils" says nothing'),
    expect.stringContaining('dead files: nothing reaches it'),
    expect.stringContaining('401 lines'),
  ])
})

test('a document that names what is gone is found, in links, anchors and code spans', () => {
  const found = tidy({
    'README.md': [
      '# Here',
      '[gone](docs/gone.md) [fine](docs/there.md#a-heading-1) [bad](docs/there.md#no)',
      '`docs/missing.md` and `gone.ts`, not `docs/there.md`',
    ].join('\n'),
    'docs/there.md': '## A heading, 1',
  })
  expect(found).toEqual([
    expect.stringContaining('README.md:2  documents: links to docs/gone.md'),
    expect.stringContaining('README.md:2  documents: links to docs/there.md#no'),
    expect.stringContaining('README.md:3  documents: names docs/missing.md'),
    expect.stringContaining('README.md:3  documents: names gone.ts'),
  ])
})

test('a document that the map leaves out is found', () => {
  const found = tidy({
    'docs/README.md': '[here](how-to/run.md)',
    'docs/how-to/run.md': '# Run',
    'docs/how-to/stop.md': '# Stop',
  })
  expect(found).toEqual(['docs/how-to/stop.md  documents: has no line in docs/README.md'])
})

test('dependencies that are undeclared, unused or inexact are found', () => {
  const found = tidy({
    'packages/server/package.json': manifest({
      exports: './src/index.ts',
      dependencies: { unused: '1.0.0', loose: '^1.0.0' },
    }),
    [`${server}index.ts`]: "import 'loose'\nimport '@scope/undeclared/sub'",
  })
  expect(found).toEqual([
    expect.stringContaining('declares unused and does not use it'),
    expect.stringContaining('loose is "^1.0.0"'),
    expect.stringContaining('imports @scope/undeclared, which'),
  ])
})

test('a registry host in the lockfile and a path of somebody’s machine are found', () => {
  const found = tidy({
    'package-lock.json': JSON.stringify({ resolved: 'https://host/x.tgz' }, null, 1),
    'notes.md': ['see ', 'work', 'place.md'].join('/'),
  })
  expect(found).toEqual([
    expect.stringContaining('notes.md:1  words: a path'),
    expect.stringContaining('package-lock.json:2  words: names a registry host'),
  ])
})

test('a lockfile that lacks a package for another platform is found', () => {
  const tool = {
    version: '1.0.0',
    optionalDependencies: { 'tool-linux': '1.0.0', 'tool-mac': '1.0.0' },
  }
  const packages = { 'node_modules/tool': tool, 'node_modules/tool-linux': { version: '1.0.0' } }
  expect(tidy({ 'package-lock.json': JSON.stringify({ packages }) })).toEqual([
    expect.stringContaining('lacks tool-mac, which node_modules/tool can need'),
  ])
})
