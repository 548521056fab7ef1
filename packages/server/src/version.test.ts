import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { version } from './version.ts'

test('every package and the lockfile have the version that the service says it has', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const manifests = globSync('packages/*/package.json', { cwd: root })
  expect(manifests.length).toBeGreaterThan(3)
  for (const path of ['package.json', 'package-lock.json', ...manifests]) {
    expect({ path, version: JSON.parse(readFileSync(`${root}/${path}`, 'utf8')).version }).toEqual({
      path,
      version,
    })
  }
})
