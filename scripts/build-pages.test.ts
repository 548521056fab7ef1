import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isStale } from './build-pages.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'indelible-build-'))
  mkdirSync(at('src/app'), { recursive: true })
  for (const name of ['src/main.ts', 'src/app/page.ts', 'made']) writeFileSync(at(name), name)
  for (const name of ['src/main.ts', 'src/app/page.ts', 'src/app', 'src']) touch(name, 100)
  touch('made', 200)
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
const touch = (name: string, second: number) => utimesSync(at(name), second, second)
const isOld = () => isStale(at('made'), [at('src'), at('lockfile')])

test('what is younger than all that it is made of is not built again', () => {
  expect(isOld()).toBe(false)
})

test('it is built where it is missing, or anything it is made of was changed or taken away', () => {
  touch('src/app/page.ts', 300)
  expect(isOld()).toBe(true)
  touch('src/app/page.ts', 100)
  rmSync(at('src/app/page.ts'))
  expect(isOld()).toBe(true)
  touch('src/app', 100)
  expect(isOld()).toBe(false)
  writeFileSync(at('lockfile'), '')
  expect(isOld()).toBe(true)
  rmSync(at('lockfile'))
  rmSync(at('made'))
  expect(isOld()).toBe(true)
})
