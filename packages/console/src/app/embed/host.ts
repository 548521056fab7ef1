import type { HostMessage, ViewerMessage } from '@indelible/protocol'

/** The page around the viewer’s frame. */
export interface Host {
  /** Nothing where there is none, or it has not spoken. */
  readonly tell: (message: ViewerMessage) => void
}

/**
 * Waits for the page around the frame to send its port. Any window that has hold of this one can
 * send messages, and strangers choose what is in them: only the parent’s count, of one origin for
 * good, and who may be the parent `frame-ancestors` says. All else is said over the port, which
 * nobody but the two has.
 */
export function awaitHost(onMessage: (message: HostMessage) => void): Host {
  let port: MessagePort | undefined
  let origin: string | undefined
  if (parent !== window) {
    addEventListener('message', (event: MessageEvent<unknown>) => {
      if (event.source !== parent || event.origin !== (origin ?? event.origin)) return
      const [given] = event.ports
      if (given === undefined || readText(event.data, 'indelible') !== 'connect') return
      origin = event.origin
      port?.close()
      port = given
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = readMessage(data)
        if (message !== undefined) onMessage(message)
      }
    })
  }
  return { tell: (message) => port?.postMessage(message) }
}

const readMember = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

function readText(value: unknown, name: string): string | undefined {
  const member = readMember(value, name)
  return typeof member === 'string' ? member : undefined
}

function readMessage(data: unknown): HostMessage | undefined {
  const [token, query] = [readText(data, 'token'), readText(data, 'query')]
  switch (readText(data, 'kind')) {
    case 'token':
      return token === undefined ? undefined : { kind: 'token', token }
    case 'query':
      return query === undefined ? undefined : { kind: 'query', query }
    case 'theme':
      return { kind: 'theme', theme: readTheme(readMember(data, 'theme')) }
    default:
      return undefined
  }
}

function readTheme(theme: unknown) {
  const values: unknown = readMember(theme, 'values')
  const texts = Object.entries(typeof values === 'object' && values !== null ? values : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return { scheme: readText(theme, 'scheme'), values: Object.fromEntries(texts) }
}
