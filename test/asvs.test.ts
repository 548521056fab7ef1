import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, listFiles } from '../scripts/tidy/repository.ts'
import { levels } from './asvs/levels.ts'

const root = join(import.meta.dirname, '..')
const paths = listFiles(root)
const page = readFileSync(join(root, 'docs/reference/asvs.md'), 'utf8')

interface Answer {
  readonly id: string
  readonly state: 'met' | 'partly' | 'not met' | 'does not apply'
  readonly how: string
  readonly shownBy: string
}

/** A row answers every id that it begins with. */
const answers: readonly Answer[] = page.split('\n').flatMap((line) => {
  const [, ids, how = '', shownBy = ''] =
    /^\| ((?:\d+\.\d+\.\d+ )+).*?\| (.*?) \|(.*)\|$/.exec(line) ?? []
  const [, mark = 'Met'] = /^\*\*(.+?)\*\*/.exec(how) ?? []
  const state = mark.toLowerCase() as Answer['state'] // What is none of them is found below.
  return (ids?.trim().split(' ') ?? []).map((id) => ({ id, state, how, shownBy }))
})

test('every requirement of levels 1 and 2 is answered once', () => {
  const asked = Object.entries(levels).flatMap(([section, list]) =>
    list.flatMap((level, at) => (level < 3 ? [`${section}.${at + 1}`] : [])),
  )
  expect(asked).toHaveLength(253)
  expect(answers.map(({ id }) => id).sort()).toEqual(asked.sort())
})

test('an answer names a test or a document that is there, and one that falls short says how', () => {
  const tests = paths.filter((path) => path.endsWith('.test.ts'))
  for (const { id, state, how, shownBy } of answers) {
    expect(['met', 'partly', 'not met', 'does not apply'], id).toContain(state)
    if (state !== 'met') expect(how, id).toMatch(/^\*\*[^*]+\*\*: \S/)
    // A link is held to its file by `npm run tidy`.
    const named = [...shownBy.matchAll(/`([\w-]+\.test\.ts)`/g)].map(([, name]) => name)
    const missing = named.filter((name) => !tests.some((path) => path.endsWith(`/${name}`)))
    expect([id, missing]).toEqual([id, []])
    if (state === 'met' || state === 'partly') expect(shownBy, id).toMatch(/`|\]\(/)
  }
})

test('the page counts its answers right', () => {
  const counted = ['met', 'partly', 'not met', 'does not apply'].map(
    (state) => `| ${state} | ${answers.filter((answer) => answer.state === state).length} |`,
  )
  expect(page).toContain(`${counted.join('\n')}\n`)
})

test('the service starts no program (1.2.5)', () => {
  const sources = paths.filter((path) => path.startsWith('packages/server/src/') && !isTest(path))
  expect(sources.length).toBeGreaterThan(200)
  const starting = sources.filter((path) =>
    /child_process|node:cluster/.test(readFileSync(join(root, path), 'utf8')),
  )
  expect(starting).toEqual([])
})
