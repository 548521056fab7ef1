import { expect, test } from 'vitest'
import { emptyQuery } from '../query/query.ts'
import { createFairReader } from './fair-reader.ts'
import type { Reader } from './reader.ts'

/** A reader that answers when it is let, and tells in which order it was asked. */
function createHeld() {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const asked: string[] = []
  const held: Partial<Reader> = {
    async search({ tenants }) {
      asked.push(tenants.join())
      await promise
      return { entries: '[]', next: null }
    },
    readLog: async () => undefined,
  }
  // As a reader of threads is: its calls are made as they are asked for.
  const reader = new Proxy({} as Reader, { get: (_, name: keyof Reader) => held[name] })
  return { fair: createFairReader(reader), asked, release }
}

const search = (...tenants: string[]) =>
  ({ tenants, boundTenants: tenants, query: emptyQuery, order: 'newest-first', limit: 1 }) as const

test('logs are searched in turn: who asks of one a thousand times is refused, and others come next (D-10)', async () => {
  const { fair, asked, release } = createHeld()
  const noisy = Array.from({ length: 1_008 }, () => fair.search(search('noisy')))
  await expect(fair.search(search('noisy'))).rejects.toMatchObject({ code: 'rate-exceeded' })
  const others = [search('quiet'), search('a', 'b')].map((call) => fair.search(call))
  release()
  await Promise.all(others)
  expect(asked.indexOf('quiet')).toBeLessThan(12)
  expect(asked.indexOf('a,b')).toBeLessThan(12)
  await Promise.all(noisy)
  expect(asked).toHaveLength(1_010)
})

test('what is short waits for no search', async () => {
  const { fair, release } = createHeld()
  const searches = Array.from({ length: 20 }, () => fair.search(search('a')))
  expect(await fair.readLog('a')).toBeUndefined()
  release()
  await Promise.all(searches)
})
