/** An answer of the service, as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  /** The status line and the headers. */
  readonly head: string
  readonly body: Buffer
}

/** Of a stream the head is the answer: what follows has no end. */
export const isStream = (head: string): boolean =>
  /\r\ncontent-type: text\/event-stream/i.test(head)

/**
 * The first answer in the bytes, and how many of them it is; undefined while it is not whole. An
 * interim one (1xx) is none.
 */
export function parseAnswer(
  bytes: Buffer,
  method: string | undefined,
): { readonly answer: WireAnswer | undefined; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const start = end + 4
  const status = Number(head.slice(9, 12))
  if (status < 200) return { answer: undefined, length: start }
  const whole = (body: Buffer, length: number) => ({ answer: { status, head, body }, length })
  if (method === 'HEAD' || status === 204 || status === 304 || isStream(head)) {
    return whole(Buffer.alloc(0), start)
  }
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const until = start + Number(length)
    return bytes.length < until ? undefined : whole(bytes.subarray(start, until), until)
  }
  const chunked = parseChunks(bytes, start)
  return chunked && whole(chunked.body, chunked.until)
}

/** What came of an answer whose end did not, as of one to HEAD where that was not known. */
export function parseCut(bytes: Buffer): WireAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  return { status: Number(head.slice(9, 12)), head, body: bytes.subarray(end + 4) }
}

function parseChunks(
  bytes: Buffer,
  start: number,
): { readonly body: Buffer; readonly until: number } | undefined {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    // No chunk: of an answer to HTTP/1.0 the end is that of its connection.
    if (Number.isNaN(size)) return undefined
    const until = lineEnd + 2 + size
    if (bytes.length < until + 2) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), until: until + 2 }
    chunks.push(bytes.subarray(lineEnd + 2, until))
    at = until + 2
  }
}
