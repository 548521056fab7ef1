import type { Problem } from '@indelible/protocol'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Shell } from './shell.ts'

export type Parameters = Readonly<Record<string, string | undefined>>

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly parameters?: Parameters
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly signal?: AbortSignal
}

/** The service, spoken to. Every failure is a `Failure`: out of reach (3) or refused (2). */
export interface Client {
  readonly url: string
  /** The answer's JSON; its shape is the protocol's word for the route. */
  json<T>(path: string, request?: Request): Promise<T>
  /** As `json`, with `value` as the JSON body. */
  send<T>(method: 'POST' | 'PUT' | 'PATCH', path: string, value: unknown): Promise<T>
  /** A successful answer whose body is still to be read. */
  open(path: string, request?: Request): Promise<Response>
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value

function parseProblem(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isProblem(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** `Retry-After` (RFC 9110 §10.2.3), in milliseconds from `now`. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

async function readRefusal(response: Response, url: string, now: number): Promise<Failure> {
  const { status } = response
  const problem = parseProblem(await response.text().catch(() => ''))
  const isTransient = status === 429 || status >= 500
  const words =
    status >= 300 && status < 400
      ? `${url} redirects to ${response.headers.get('location')}; give that address as --url.`
      : (problem?.detail ?? `${url} answers with status ${status}; is it Indelible?`)
  return new Failure(isTransient ? exitCodes.unreachable : exitCodes.usage, words, {
    code: problem?.code,
    errors: problem?.errors,
    status,
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), now),
  })
}

/** Why a connection failed, from the innermost cause. */
function describeNetworkError(error: unknown): string {
  let cause = error
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause
  if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0]
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

// What Node calls a certificate that it does not believe; …CERTIFICATE… is one asked of us.
const certificateFault = /CERT(?!IFICATE)|VERIFY/

export function unreachable(url: string, error: unknown): Failure {
  const reason = describeNetworkError(error)
  const words = certificateFault.test(reason)
    ? `The certificate of ${url} is not trusted (${reason}). ` +
      'NODE_EXTRA_CA_CERTS names the PEM file of an authority of your own.'
    : `Nothing answers at ${url} (${reason}). ` +
      'Is the service running, and is the address right (--url or INDELIBLE_URL)?'
  return new Failure(exitCodes.unreachable, words, { code: 'unreachable' })
}

function parseBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new Failure(exitCodes.usage, `--url must be an http or https address, not "${url}".`)
  }
  return url.replace(/\/+$/, '')
}

export function createClient(shell: Shell, options: { url: string; key?: string }): Client {
  const base = parseBase(options.url)

  async function open(path: string, request: Request = {}): Promise<Response> {
    const url = new URL(base + path)
    for (const [name, value] of Object.entries(request.parameters ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value)
    }
    const authorization =
      options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }
    // The key goes to the address the caller named and nowhere else, so redirects aren't followed.
    const response = await shell
      .fetch(url, {
        method: request.method ?? 'GET',
        headers: { ...authorization, ...request.headers },
        redirect: 'manual',
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      })
      .catch((error: unknown) => {
        throw unreachable(base, error)
      })
    if (!response.ok) throw await readRefusal(response, base, shell.now())
    return response
  }

  async function json<T>(path: string, request?: Request): Promise<T> {
    const response = await open(path, request)
    const text = await response.text().catch((error: unknown) => {
      throw unreachable(base, error)
    })
    try {
      // The service's answers have the shapes the protocol gives them; T names the route's.
      return (text === '' ? undefined : JSON.parse(text)) as T
    } catch {
      throw new Failure(exitCodes.unreachable, `${base} doesn't answer with JSON; is it Indelible?`)
    }
  }

  return {
    url: base,
    open,
    json,
    send: (method, path, value) =>
      json(path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(value),
      }),
  }
}
