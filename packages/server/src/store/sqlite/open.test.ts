import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTemporaryFolder } from '@indelible/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { openDatabase } from './open.ts'

afterEach(() => vi.restoreAllMocks())

test('a database that can not be opened is closed: the collector must not, which would take the WAL of the next', () => {
  using folder = createTemporaryFolder()
  const path = join(folder.path, 'index.db')
  writeFileSync(path, 'garbage that is no database at all')
  const close = vi.spyOn(DatabaseSync.prototype, 'close')
  expect(() => openDatabase({ path, synchronous: 'FULL', cacheKib: 256 })).toThrow()
  expect(close).toHaveBeenCalledOnce()
})
