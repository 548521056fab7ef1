import { gzipSync } from 'node:zlib'
import { limits } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { gunzipBounded } from './gzip.ts'

test('a bomb is refused within few turns of a busy event loop, and holds nobody up', async () => {
  const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024))
  let turns = 0
  let isOver = false
  const work = () => {
    turns++
    const until = performance.now() + 10
    while (performance.now() < until);
    if (!isOver) setImmediate(work)
  }
  work()
  expect(await gunzipBounded(bomb, limits.bodyBytesMax)).toBe('too-large')
  isOver = true
  // By chunks of 16 KiB there were more than a thousand.
  expect(turns).toBeLessThan(300)
})
