import { isPassing } from './problem.ts'
import { send } from './request.ts'

interface Message {
  /** Undefined where only the id moved on. */
  readonly data: string | undefined
  readonly id: string | undefined
}

/** A broken stream is opened again after so long. */
const reopenMs = 2_000

/**
 * Follows server-sent events (WHATWG HTML §9.2) until `signal` aborts. Not by `EventSource`, which
 * sends no `Authorization`. A stream that broke is resumed behind the last id.
 * @throws ApiProblem where the service refuses the stream for good
 */
export async function followEvents(
  path: string,
  options: {
    readonly signal: AbortSignal
    readonly onOpen: () => void
    readonly onData: (data: string) => void
    readonly onBreak: () => void
  },
): Promise<void> {
  const { signal, onOpen, onData, onBreak } = options
  let lastId: string | undefined
  while (!signal.aborted) {
    try {
      const resume = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
      const headers = { Accept: 'text/event-stream', ...resume }
      const { body } = await send(path, { headers, signal })
      onOpen()
      for await (const { data, id } of readMessages(body)) {
        lastId = id
        if (data !== undefined) onData(data)
      }
    } catch (error) {
      if (signal.aborted) return
      // A connection that breaks while it is read is no answer of the service's.
      if (!isPassing(error) && !(error instanceof TypeError)) throw error
    }
    if (signal.aborted) return
    onBreak()
    await pause(reopenMs, signal)
  }
}

/** What is left unfinished at the end is dropped: it comes again behind the last id. */
export async function* readMessages(body: ReadableStream<Uint8Array> | null) {
  if (body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  let id: string | undefined
  for await (const chunk of readChunks(body)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        const message: Message = { data: data.length === 0 ? undefined : data.join('\n'), id }
        yield message
        data = []
      } else if (line.startsWith('data: ')) data.push(line.slice('data: '.length))
      else if (line.startsWith('id: ')) id = line.slice('id: '.length)
    }
  }
}

/** Safari can't iterate over a stream. */
async function* readChunks(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    // Whoever stops listening lets the connection go.
    void reader.cancel().catch(() => undefined)
  }
}

/** Ends early, and without a word, where `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
