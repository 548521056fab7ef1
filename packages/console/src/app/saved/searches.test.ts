import { expect, test } from 'vitest'
import {
  noSearches,
  noteRecent,
  readSearches,
  removeSearch,
  renameSearch,
  saveSearch,
  searchesKey,
} from './searches.ts'

test('a name stands for one search, the last saved under it', () => {
  const first = saveSearch(noSearches, { name: 'b', address: '?q=1' })
  const second = saveSearch(first, { name: 'a', address: '?q=2' })
  expect(saveSearch(second, { name: 'b', address: '?q=3' }).saved).toEqual([
    { name: 'a', address: '?q=2' },
    { name: 'b', address: '?q=3' },
  ])
  expect(renameSearch(second, 'a', 'b').saved).toEqual([{ name: 'b', address: '?q=2' }])
  expect(renameSearch(second, 'gone', 'c')).toBe(second)
  expect(removeSearch(second, 'a').saved).toEqual([{ name: 'b', address: '?q=1' }])
})

test('the last ten queries are kept, each once, the newest first', () => {
  const queries = [...Array.from({ length: 14 }, (_, n) => `q${n}`), 'q9', '']
  const { recent } = queries.reduce(noteRecent, noSearches)
  expect(recent).toEqual(['q9', 'q13', 'q12', 'q11', 'q10', 'q8', 'q7', 'q6', 'q5', 'q4'])
})

test.each(['{', '7', 'null', '{"saved":[{"name":7},null,"x"],"recent":[{}]}'])(
  'what can’t be read is as if nothing were kept: %s',
  (text) => {
    const kept = new Map([[searchesKey('u'), text]])
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      ...{ setItem: () => undefined, removeItem: () => undefined },
    }
    expect(readSearches('u', storage)).toEqual(noSearches)
  },
)
