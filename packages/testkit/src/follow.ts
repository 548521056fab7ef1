import type { Entry } from '@indelible/protocol'
import { testRootKey } from './start-server.ts'

/** One entry of a live stream. */
export interface Followed {
  readonly index: number
  readonly entry: Entry
}

/** A live stream under test; disposing it closes the connection. */
export interface Stream extends AsyncDisposable {
  readonly headers: Headers
  /** The next entries; waits for them, and throws if the stream ends before. */
  take(count: number): Promise<Followed[]>
  /** What comes until the server ends the stream. */
  rest(): Promise<Followed[]>
}

/**
 * Opens `GET /v1/stream`; resolves once the server follows the log.
 * @param options.last `Last-Event-ID`. @param options.key default: the root key
 */
export async function follow(
  url: string,
  path: string,
  options: { readonly last?: string; readonly key?: string } = {},
): Promise<Stream> {
  const { last, key = testRootKey } = options
  const response = await fetch(`${url}${path}`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(last === undefined ? {} : { 'last-event-id': last }),
    },
  })
  if (response.status !== 200 || response.body === null) {
    throw new Error(`The stream answered ${response.status}: ${await response.text()}`)
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let buffered = ''
  const read = async (): Promise<Followed | undefined> => {
    for (;;) {
      const end = buffered.indexOf('\n\n')
      if (end === -1) {
        const { value, done } = await reader.read()
        if (done) return undefined
        buffered += value
        continue
      }
      const lines = buffered.slice(0, end).split('\n')
      buffered = buffered.slice(end + 2)
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field('data')
      if (data !== undefined) return { index: Number(field('id')), entry: JSON.parse(data) }
    }
  }
  return {
    headers: response.headers,
    async take(count) {
      const taken: Followed[] = []
      while (taken.length < count) {
        const followed = await read()
        if (followed === undefined) throw new Error(`The stream ended after ${taken.length}.`)
        taken.push(followed)
      }
      return taken
    },
    async rest() {
      const taken: Followed[] = []
      for (let one = await read(); one !== undefined; one = await read()) taken.push(one)
      return taken
    },
    async [Symbol.asyncDispose]() {
      await reader.cancel().catch(() => undefined) // ended already, perhaps by the server
    },
  }
}
