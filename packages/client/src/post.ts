/** An answer that was read to its end. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

/** Sends a body and reads the answer. @throws Error, one named AbortError where the signal ended it */
export type Post = (
  url: URL,
  request: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly signal: AbortSignal
  },
) => Promise<Answer>

/**
 * By Node's own `http`: on the application's thread a request costs less than half of what `fetch` takes
 * (110 µs to 260 µs for 40 events, 280 to 700 for 400). @returns undefined where there is no Node
 */
export function findNodePost(): Post | undefined {
  const { process } = globalThis
  const { node, bun, deno } = process?.versions ?? {}
  // Theirs imitate Node's by what is behind their `fetch`.
  if (node === undefined || bun !== undefined || deno !== undefined) return undefined
  const http = process.getBuiltinModule?.('node:http')
  const https = process.getBuiltinModule?.('node:https')
  if (http === undefined || https === undefined) return undefined
  return (url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const { request } = url.protocol === 'https:' ? https : http
      const bytes = Buffer.from(body)
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length },
        signal,
      }
      const sent = request(url, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          resolve({ status, retryAfter: headers['retry-after'] ?? null, text })
        })
      })
      sent.on('error', reject)
      sent.end(bytes)
    })
}

/** The same by `fetch`. */
export const createFetchPost =
  (fetch: typeof globalThis.fetch): Post =>
  async (url, request) => {
    // The key goes to the address the caller named and nowhere else: redirects aren't followed.
    const response = await fetch(url, { method: 'POST', redirect: 'manual', ...request })
    const text = await response.text()
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text }
  }
