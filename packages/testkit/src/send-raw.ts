import { connect } from 'node:net'

/** The first final answer on a connection, and what came behind it. */
export interface RawAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/**
 * Writes bytes to a server as they are, for requests that no HTTP client would send.
 * @param options.halfClose ends our side behind the bytes: a body that was cut short
 * @returns when the server has closed the connection, which `connection: close` makes it do
 */
export function sendRaw(
  url: string,
  bytes: string | Uint8Array,
  options: { readonly halfClose?: boolean } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A server that refuses early resets what is still being sent; what it said still counts.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(chunks).toString())))
    if (options.halfClose === true) socket.end(bytes)
    else socket.write(bytes)
  })
}

function parseAnswer(received: string): RawAnswer {
  const text = received.replace(/^HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n/, '')
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n')
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0)
  return { status, headers, body: text.slice(end + 4) }
}
