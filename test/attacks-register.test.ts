import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import vitestConfig from '../vitest.config.ts'

/** docs/reference/attacks.md and the tests' titles: neither says what the other does not. */
const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** How many cases each group of the list has. */
const casesOf = {
  ...{ T: 22, A: 25, S: 10, X: 9, I: 16, J: 14, D: 15, M: 4, R: 9, P: 10, F: 13, C: 14, Q: 6 },
}
const listIds = (group: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${group}-${String(at + 1).padStart(2, '0')}`)
const ids = Object.entries(casesOf).flatMap(([group, count]) => listIds(group, count))

interface Row {
  readonly id: string
  readonly files: readonly string[]
  /** Of a case that can't be tried. */
  readonly reason: string | undefined
  readonly stores: string
}
const rows = [...read('docs/reference/attacks.md').matchAll(/^\| ([A-Z]-\d\d) \|(.*)\|$/gm)].map(
  ([, id = '', rest = '']): Row => {
    const [, tests = '', stores = ''] = rest.split('|').map((cell) => cell.trim())
    const files = [...tests.matchAll(/\]\(\.\.\/\.\.\/([^)]+)\)/g)].map(([, file = '']) => file)
    return { id, files, stores, reason: /^does not apply: (.{10,})/.exec(tests)?.[1] }
  },
)

/** Each id with the files in which a title ends with it in brackets. */
const titled = new Map<string, Set<string>>()
const sources = globSync(
  ['{test,load,scripts}/**/*.ts', '{packages,examples}/*/{src,test}/**/*.test.{ts,tsx}'],
  { cwd: root },
)
for (const file of sources) {
  for (const [, list = ''] of read(file).matchAll(/\(([A-Z]-\d\d(?:, [A-Z]-\d\d)*)\)['`]/g)) {
    for (const id of list.split(', ')) {
      titled.set(id, (titled.get(id) ?? new Set()).add(file))
    }
  }
}

/** Test files that run on PostgreSQL, too: of a file of cases, the test that is named as its folder. */
const onEitherStore = new Set(
  (vitestConfig.test?.projects ?? []).flatMap((project) =>
    typeof project === 'object' && 'test' in project && project.test?.name === 'on PostgreSQL'
      ? (project.test.include ?? [])
      : [],
  ),
)
const runsOnBoth = (file: string) =>
  onEitherStore.has(file) || onEitherStore.has(file.replace(/^(test\/[\w-]+)\/.*/, '$1.test.ts'))

test('every case is in the register once, and every row is a case', () => {
  expect(ids).toHaveLength(167)
  const listed = rows.map(({ id }) => id)
  expect(listed).toEqual([...new Set(listed)])
  expect(listed.filter((id) => !ids.includes(id))).toEqual([])
  expect(ids.filter((id) => !listed.includes(id))).toEqual([])
})

test('a row names the files whose titles hold its case, all of them, or why there are none', () => {
  const expected = rows.map(({ id, reason }) => [
    id,
    ...(reason === undefined ? [...(titled.get(id) ?? ['a test'])].sort() : []),
  ])
  expect(rows.map(({ id, files }) => [id, ...files.toSorted()])).toEqual(expected)
})

test('no title holds a case that the register lacks, or says does not apply', () => {
  const tried = new Set(rows.flatMap(({ id, reason }) => (reason === undefined ? [id] : [])))
  expect([...titled.keys()].filter((id) => !tried.has(id))).toEqual([])
})

test('a case is said to be tried on both stores where one of its files is', () => {
  const expected = rows.map(({ id, files, stores }) => {
    const others = ['no store', 'embedded', 'PostgreSQL']
    const isOne = files.length === 0 ? stores === '' : others.includes(stores)
    return [id, files.some(runsOnBoth) ? 'both' : isOne ? stores : others.join(' or ')]
  })
  expect(rows.map(({ id, stores }) => [id, stores])).toEqual(expected)
})
