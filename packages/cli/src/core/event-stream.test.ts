import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEventStream } from './event-stream.ts'

async function* cut(bytes: Uint8Array, at: readonly number[]): AsyncGenerator<Uint8Array> {
  const edges = [0, ...[...at].sort((a, b) => a - b), bytes.length]
  for (const [n, edge] of edges.entries()) yield bytes.subarray(edge, edges[n + 1] ?? bytes.length)
}

const stream =
  ': hello\n\nid: 7\nevent: entry\ndata: {"a":"ü"}\n\r\ndata: one\r\ndata: two\r\n\r\nid: 8\n\nid: 9\ndata: half'

test('messages are read alike however the bytes are cut, and half a message is dropped', async () => {
  const bytes = new TextEncoder().encode(stream)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length })), async (at) => {
      const messages = await Array.fromAsync(readEventStream(cut(bytes, at)))
      expect(messages).toEqual([
        { event: 'entry', data: '{"a":"ü"}', id: '7' },
        { event: 'message', data: 'one\ntwo', id: '7' },
        { event: 'message', data: undefined, id: '8' },
      ])
    }),
  )
})
