import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineBytesMax, splitLines } from './lines.ts'

async function* cut(bytes: Buffer, at: readonly number[]): AsyncGenerator<Buffer> {
  const edges = [0, ...[...at].sort((a, b) => a - b), bytes.length]
  for (const [n, edge] of edges.entries()) yield bytes.subarray(edge, edges[n + 1] ?? bytes.length)
}

test('lines, numbers and offsets are the same however the file is cut into chunks', async () => {
  const bytes = Buffer.from('one\r\n\ntwo\nthree')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length })), async (at) => {
      const lines = await Array.fromAsync(splitLines(cut(bytes, at)))
      expect(lines.map(({ number, end, bytes: text }) => [number, end, text?.toString()])).toEqual([
        [1, 5, 'one'],
        [3, 10, 'two'],
        [4, 15, 'three'],
      ])
    }),
  )
})

test('a line longer than any event is refused without being held, and the next is read', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  async function* long(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent <= lineBytesMax; sent += chunk.length) yield chunk
    yield Buffer.from('\nshort\n')
  }
  const lines = await Array.fromAsync(splitLines(long()))
  expect(lines.map(({ number, bytes }) => [number, bytes?.toString()])).toEqual([
    [1, undefined],
    [2, 'short'],
  ])
})
