export interface Peeked {
  /** The first bytes: as many as were asked for or more, fewer only where the stream ends. */
  readonly head: Buffer
  /** What comes after them. */
  readonly rest: AsyncIterator<Buffer>
}

/** Reads the beginning of a stream, which says what the stream is. */
export async function peek(chunks: AsyncIterable<Buffer>, bytes: number): Promise<Peeked> {
  const rest = chunks[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < bytes) {
    const next = await rest.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return { head, rest }
}

/** The stream again; whoever stops reading it ends its source, too. */
export async function* rejoin({ head, rest }: Peeked): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  yield* { [Symbol.asyncIterator]: () => rest }
}
