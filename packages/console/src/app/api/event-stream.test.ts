import { expect, test } from 'vitest'
import { readMessages } from './event-stream.ts'

const streamOf = (text: string, size: number) => {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.subarray(at, at + size))
      }
      controller.close()
    },
  })
}

test('a stream’s messages are the same wherever it is cut, and half a one at its end is none', async () => {
  const text = 'retry: 2000\nid: 4\n\nid: 5\ndata: {"ä":"€"}\n\n:\n\nid: 9\n\nid: 10\ndata: half'
  const expected = [
    { data: undefined, id: '4' },
    { data: '{"ä":"€"}', id: '5' },
    { data: undefined, id: '5' },
    { data: undefined, id: '9' },
  ]
  for (const size of [1, 2, 3, 7, 1_000]) {
    const found = []
    for await (const message of readMessages(streamOf(text, size))) found.push(message)
    expect(found, `${size}`).toEqual(expected)
  }
})
