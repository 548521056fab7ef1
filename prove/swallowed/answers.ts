import type { Answer } from '@indelible/testkit'

/**
 * Reads answers out of the bytes of one connection, as they become whole.
 * @throws Error from what it returns, where an answer does not say how long it is
 */
export function createAnswerReader(onAnswer: (answer: Answer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const headEnd = rest.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      const [first = '', ...lines] = rest.toString('latin1', 0, headEnd).split('\r\n')
      const headers = new Headers(
        lines.map((line): [string, string] => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon), line.slice(colon + 1).trim()]
        }),
      )
      const length = headers.get('content-length')
      if (length === null) throw new Error(`An answer without a length: ${first}`)
      const end = headEnd + 4 + Number(length)
      if (rest.length < end) return
      const text = rest.toString('utf8', headEnd + 4, end)
      rest = rest.subarray(end)
      onAnswer({ status: Number(first.split(' ')[1]), headers, text, json: JSON.parse(text) })
    }
  }
}
