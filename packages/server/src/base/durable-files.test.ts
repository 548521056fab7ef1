import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder, numberedEvents, startTestServer } from '@indelible/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { auditData } from '../operations/audit-data.ts'
import { reindexData } from '../operations/reindex-data.ts'
import { folderPaths, readIndexPath } from '../store/sqlite/folder.ts'
import { openFolder } from '../threads/open-folder.ts'

/** The next call of one function of node:fs that fails; see threads/durable-writes.test.ts. */
const due = vi.hoisted(() => ({
  name: undefined as string | undefined,
  moment: 'lost' as 'lost' | 'persisted',
}))
vi.mock(import('node:fs'), async (importOriginal) => {
  const original = await importOriginal()
  const failing = (name: 'linkSync' | 'renameSync' | 'fsyncSync') => {
    // Each takes one or two arguments and returns nothing.
    const call = original[name] as (...args: unknown[]) => void
    return (...args: unknown[]): void => {
      if (due.name !== name) {
        call(...args)
        return
      }
      due.name = undefined
      if (due.moment === 'persisted') call(...args)
      throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO' })
    }
  }
  return {
    ...original,
    linkSync: failing('linkSync'),
    renameSync: failing('renameSync'),
    fsyncSync: failing('fsyncSync'),
  }
})
afterEach(() => {
  due.name = undefined
})

const rows = (['fsyncSync', 'linkSync', 'renameSync'] as const).flatMap((name) =>
  (['lost', 'persisted'] as const).map((moment) => ({ name, moment })),
)

test.each(rows.filter(({ name }) => name !== 'renameSync'))(
  'a first start whose $name of the seed fails ($moment) is refused or whole, and the next works',
  ({ name, moment }) => {
    using folder = createTemporaryFolder()
    Object.assign(due, { name, moment })
    let seed: Uint8Array | undefined
    try {
      using opened = openFolder({ folder: folder.path })
      seed = opened.seed
    } catch (error) {
      expect(error).toMatchObject({ code: 'EIO' })
    }
    expect(due.name).toBeUndefined()
    using again = openFolder({ folder: folder.path })
    if (seed !== undefined) expect(again.seed).toEqual(seed)
    expect(readFileSync(join(folder.path, 'seed'))).toHaveLength(32)
    expect(readdirSync(folder.path).filter((file) => file.includes('.tmp'))).toEqual([])
  },
)

test.each(rows.filter(({ name }) => name !== 'linkSync'))(
  'a swap of the index whose $name fails ($moment) leaves an index that finds everything',
  async ({ name, moment }) => {
    using temporary = createTemporaryFolder()
    const folder = join(temporary.path, 'data')
    const server = await startTestServer({ folder })
    await server.post('/v1/events', numberedEvents('acme', 50))
    await server.stop()

    Object.assign(due, { name, moment })
    await expect(reindexData({ folder })).rejects.toMatchObject({ code: 'EIO' })
    expect(existsSync(join(folder, 'log.db'))).toBe(true)
    expect(existsSync(readIndexPath(folderPaths(folder)))).toBe(true)

    await using again = await startTestServer({ folder })
    const found = await again.ask('/v1/events?tenant=acme&actor.id=u_7')
    expect(found.json.entries).toHaveLength(1)
    await again.stop()
    expect((await auditData({ folder })).findings).toEqual([])
  },
)
