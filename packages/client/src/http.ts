import { ClientError, type Fault, type ProblemCode } from './error.ts'
import * as limits from './limits.ts'
import { type Answer, createFetchPost, findNodePost, readText } from './post.ts'

export type ParameterValue = string | number | readonly (string | number)[] | undefined
export type Parameters = Readonly<Record<string, ParameterValue>>

export interface HttpRequest {
  readonly method?: 'GET' | 'POST'
  readonly parameters?: Parameters
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

/** The service, spoken to once: no retries here. Every failure is a `ClientError`. */
export interface Http {
  /** The answer's JSON; T is the protocol's word for the route. */
  json<T>(path: string, request?: HttpRequest): Promise<T>
  /** A successful answer whose body is still to be read; `requestTimeoutMs` bounds the head. */
  open(path: string, request?: HttpRequest): Promise<Response>
}

export interface HttpOptions {
  readonly url: string
  readonly key?: string | undefined
  /** Default: Node's `http` for what is submitted, the runtime's `fetch` for what is read. */
  readonly fetch?: typeof fetch | undefined
  readonly clock: () => number
  readonly requestTimeoutMs: number
}

/** `Retry-After` (RFC 9110 §10.2.3), in milliseconds from `now`. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

interface ProblemText {
  readonly code: string
  readonly detail?: unknown
  readonly errors?: unknown
}

function parseProblem(text: string): ProblemText | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isProblem = typeof value === 'object' && value !== null && 'code' in value
    // Checked member by member where it is used.
    return isProblem && typeof value.code === 'string' ? (value as ProblemText) : undefined
  } catch {
    return undefined
  }
}

const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' &&
  value !== null &&
  'pointer' in value &&
  typeof value.pointer === 'string'

/** Statuses that are final even from somebody who gives no code: a gateway that checks the key. */
const finalCodes: Readonly<Record<number, ProblemCode>> = {
  400: 'request-invalid',
  401: 'credentials-invalid',
  403: 'scope-insufficient',
  409: 'idempotency-conflict',
  413: 'body-too-large',
  422: 'request-invalid',
}

function createRefusal(answer: Answer, url: string, now: number): ClientError {
  const { status } = answer
  const problem = parseProblem(answer.text)
  const retryAfterMs = parseRetryAfter(answer.retryAfter, now)
  if (problem === undefined) {
    const message = `${url} answers with status ${status}; is it Indelible?`
    return new ClientError(finalCodes[status] ?? 'answer-unexpected', message, {
      status,
      retryAfterMs,
    })
  }
  const errors = Array.isArray(problem.errors) ? problem.errors.filter(isFault) : undefined
  const message = tellProblem(problem)
  // A newer service may have codes that this client doesn't know by name.
  return new ClientError(problem.code as ProblemCode, message, { status, errors, retryAfterMs })
}

function tellProblem({ code, detail }: ProblemText): string {
  // The service speaks of headers.
  if (code === 'credentials-missing') return 'The service asks for a key; the client has no `key`.'
  return typeof detail === 'string' ? detail : code
}

function parseBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && parsed.username + parsed.password !== '') {
    // Messages name the address, and end up in diagnostics.
    throw new ClientError('settings-invalid', 'url must hold no credentials: those are `key`.')
  }
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return url.replace(/\/+$/, '')
  throw new ClientError('settings-invalid', `url must be an http or https address, not "${url}".`)
}

function makeUrl(base: string, path: string, parameters: Parameters = {}): URL {
  const url = new URL(base + path)
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) url.searchParams.append(name, String(one))
    }
  }
  return url
}

export function createHttp(options: HttpOptions): Http {
  const base = parseBase(options.url)
  const { clock, requestTimeoutMs, key } = options
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const send = options.fetch ?? ((input, init) => fetch(input, init))
  const post = (options.fetch === undefined ? findNodePost() : undefined) ?? createFetchPost(send)

  const failed = (error: unknown, signal: AbortSignal | undefined): ClientError => {
    if (error instanceof ClientError) return error
    if (signal?.aborted) return new ClientError('aborted', 'The request was ended by its caller.')
    const isLate = error instanceof Error && error.name === 'AbortError'
    const why = isLate ? `no answer within ${requestTimeoutMs} ms` : causeOf(error)
    return new ClientError('unreachable', `Nothing answers at ${base} (${why}).`, { cause: error })
  }

  /** Runs `use` with a signal that ends with the caller's, or after `requestTimeoutMs`. */
  async function withDeadline<T>(
    signal: AbortSignal | undefined,
    use: (controller: AbortController, arrived: () => void) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController()
    const abort = () => controller.abort()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    const timer = setTimeout(abort, requestTimeoutMs)
    let isOpen = false
    try {
      return await use(controller, () => {
        isOpen = true
        clearTimeout(timer)
      })
    } catch (error) {
      throw failed(error, signal)
    } finally {
      clearTimeout(timer)
      // An open body is still the caller's to end.
      if (!isOpen) signal?.removeEventListener('abort', abort)
    }
  }

  const isOk = (status: number): boolean => status >= 200 && status < 300

  async function ask(path: string, request: HttpRequest, signal: AbortSignal): Promise<Response> {
    const response = await send(makeUrl(base, path, request.parameters), {
      headers: { ...authorization, ...request.headers },
      redirect: 'manual',
      signal,
    })
    if (response.ok) return response
    const { status } = response
    const text = await readText(response, limits.answerBytesMax).catch(() => '')
    const retryAfter = response.headers.get('retry-after')
    throw createRefusal({ status, retryAfter, text }, base, clock())
  }

  async function submit(path: string, request: HttpRequest, signal: AbortSignal): Promise<string> {
    const answer = await post(makeUrl(base, path, request.parameters), {
      headers: { ...authorization, ...request.headers },
      body: request.body ?? '',
      signal,
    })
    if (isOk(answer.status)) return answer.text
    throw createRefusal(answer, base, clock())
  }

  return {
    json: (path, request = {}) =>
      withDeadline(request.signal, async ({ signal }) => {
        const text =
          request.method === 'POST'
            ? await submit(path, request, signal)
            : await readText(await ask(path, request, signal), limits.pageBytesMax)
        try {
          return JSON.parse(text)
        } catch {
          throw new ClientError('answer-unexpected', `${base} doesn't answer with JSON.`)
        }
      }),
    open: (path, request = {}) =>
      withDeadline(request.signal, async (controller, arrived) => {
        const response = await ask(path, request, controller.signal)
        arrived()
        return response
      }),
  }
}

/** Why a connection failed, from the innermost cause. */
function causeOf(error: unknown): string {
  let cause = error
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause
  if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0]
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
