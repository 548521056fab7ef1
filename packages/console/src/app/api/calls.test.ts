import { afterEach, expect, test, vi } from 'vitest'
import { readEntry } from './calls.ts'
import { authorizeBy, byCookie } from './credential.ts'

afterEach(() => vi.unstubAllGlobals())

test('a sound entry in another’s place is not shown for it', async () => {
  authorizeBy(byCookie)
  const answer = { tenant: 'acme', event: { id: 'e_1' } }
  vi.stubGlobal('fetch', async () => Response.json(answer))
  const { signal } = new AbortController()
  expect(await readEntry('acme', 'e_1', signal)).toEqual(answer)
  await expect(readEntry('acme', 'e_2', signal)).rejects.toThrow('another event')
  await expect(readEntry('other', 'e_1', signal)).rejects.toThrow('another event')
})
