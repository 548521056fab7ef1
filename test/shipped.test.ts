import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { findForeign, findForeignTools, formatLicences, target } from '../scripts/licences.ts'
import { type Bom, createBom } from '../scripts/sbom.ts'
import { pages, readBundled, service } from '../scripts/shipped.ts'
import { buildConsole, buildGuide } from './console/open-console.ts'

beforeAll(() => {
  buildConsole()
  buildGuide()
}, 240_000)

const listShipped = () => [...service, ...pages.flatMap(readBundled)]

test('nothing is shipped under a licence that is not allowed, or under none', () => {
  expect(service.length).toBeGreaterThan(100)
  expect(pages.map((page) => readBundled(page).length > 10)).toEqual([true, true])
  expect(findForeign(listShipped())).toEqual([])
  const strange = { path: '', name: 'strange', version: '1.0.0' }
  for (const licence of ['unknown', 'GPL-3.0-only', 'MIT OR GPL-2.0-only', 'SEE LICENSE IN it']) {
    expect(findForeign([{ ...strange, licence }]), licence).toEqual([`strange: ${licence}`])
  }
})

test('no tool that an install for development brings has another licence either', () => {
  expect(findForeignTools()).toEqual([])
})

test('the list of licences in the documents is that of package-lock.json and of the bundles', () => {
  expect(readFileSync(target, 'utf8'), 'run `npm run licences`').toBe(formatLicences())
})

test('the text of each licence lies beside the page that is made of its package', () => {
  for (const page of pages) {
    const list = join(import.meta.dirname, `../packages/${page}/dist/licences.json`)
    const entries: { text?: string }[] = JSON.parse(readFileSync(list, 'utf8'))
    expect(entries.filter(({ text = '' }) => text.length < 500)).toEqual([])
  }
})

const purlsOf = ({ components }: Bom) => components.flatMap(({ purl }) => purl ?? []).sort()

test('the SBOM names everything that is shipped, with its hash and licence, and is the same each time', () => {
  const bom = createBom()
  const purls = listShipped().map(
    ({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`,
  )
  expect(purlsOf(bom)).toEqual([...new Set(purls)].sort())
  const others = bom.components.filter(({ purl }) => purl !== undefined)
  expect(others.filter(({ hashes, licenses }) => !hashes || !licenses)).toEqual([])
  expect(createBom()).toEqual(bom)
})
