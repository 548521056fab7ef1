/** One message of a server-sent event stream (WHATWG HTML §9.2). */
export interface StreamMessage {
  readonly event: string
  /** Undefined where only the id moved on. */
  readonly data: string | undefined
  /** The last id seen in the stream, which resumes it. */
  readonly id: string | undefined
}

/** Parses a stream's bytes; comments and half messages at its end are dropped. */
export async function* readEventStream(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder()
  let buffer = ''
  let data: string[] = []
  let event = ''
  let id: string | undefined
  let hasId = false
  for await (const chunk of chunks) {
    buffer += decoder.decode(chunk, { stream: true })
    const lines = buffer.split(/\r\n|\n|\r(?!$)/)
    buffer = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        const text = data.length === 0 ? undefined : data.join('\n')
        if (text !== undefined || hasId) yield { event: event || 'message', data: text, id }
        data = []
        event = ''
        hasId = false
        continue
      }
      const colon = line.indexOf(':')
      const field = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') data.push(value)
      else if (field === 'event') event = value
      else if (field === 'id' && !value.includes('\0')) {
        id = value
        hasId = true
      }
    }
  }
}
