import { ClientError } from './error.ts'
import * as limits from './limits.ts'

/** One message of a server-sent event stream (WHATWG HTML §9.2). */
export interface StreamMessage {
  /** Undefined where only the id moved on, or nothing but a comment came. */
  readonly data: string | undefined
  /** The last id seen in the stream, which resumes it. */
  readonly id: string | undefined
}

/**
 * Parses a stream's text; half a message at its end is dropped.
 * @throws ClientError `answer-unexpected` for a message that never ends
 */
export function createEventStreamParser(): (chunk: Uint8Array) => StreamMessage[] {
  const decoder = new TextDecoder()
  let buffer = ''
  let data: string[] = []
  let id: string | undefined
  let dataChars = 0
  return (chunk) => {
    const messages: StreamMessage[] = []
    buffer += decoder.decode(chunk, { stream: true })
    const lines = buffer.split(/\r\n|\n|\r(?!$)/)
    buffer = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        messages.push({ data: data.length === 0 ? undefined : data.join('\n'), id })
        data = []
        dataChars = 0
        continue
      }
      const colon = line.indexOf(':')
      const field = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') {
        data.push(value)
        dataChars += value.length + 1
      } else if (field === 'id' && !value.includes('\0')) id = value
    }
    if (buffer.length + dataChars <= limits.messageCharsMax) return messages
    throw new ClientError('answer-unexpected', 'A message of the stream never ends.')
  }
}
