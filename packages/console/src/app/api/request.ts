import type { Fault } from '@indelible/protocol'
import { pageCredential } from './credential.ts'
import { ApiProblem } from './problem.ts'

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/**
 * One request to the public API, by the page's credential; its answer may be read as it comes.
 * @throws ApiProblem
 */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', headers = {}, body, signal } = options
  const credential = pageCredential()
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
  const init: RequestInit = {
    method,
    headers: { Accept: 'application/json', ...type, ...headers, ...credential.headers() },
    credentials: credential.credentials,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }
  const response = await fetch(path, init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    const detail = 'The service did not answer. Is it running, and are you online?'
    throw new ApiProblem({ status: 0, code: 'unreachable', title: 'Out of reach', detail })
  })
  if (!response.ok) throw await readProblem(response)
  return response
}

async function readProblem(response: Response): Promise<ApiProblem> {
  const { status, statusText } = response
  // What stands between us and the service may answer in other forms.
  const body: unknown = await response.json().catch(() => undefined)
  const members = typeof body === 'object' && body !== null ? body : {}
  const textOf = (name: string, fallback: string) => {
    const value: unknown = Reflect.get(members, name)
    return typeof value === 'string' ? value : fallback
  }
  return new ApiProblem({
    status,
    code: textOf('code', `http-${status}`),
    title: textOf('title', statusText || `Status ${status}`),
    detail: textOf('detail', `The service answered with status ${status}.`),
    errors: readFaults(Reflect.get(members, 'errors')),
  })
}

const readFaults = (errors: unknown): Fault[] =>
  !Array.isArray(errors)
    ? []
    : errors.filter(
        (one): one is Fault => typeof one?.pointer === 'string' && typeof one.detail === 'string',
      )

/** A JSON answer. Its shape is the service's contract, which `@indelible/protocol` defines. */
export async function requestJson<Answer>(path: string, options: RequestOptions = {}) {
  const response = await send(path, options)
  return (await response.json()) as Answer // what the service's own schema serialised
}

export async function requestText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await send(path, options)).text()
}

export async function requestNothing(path: string, options: RequestOptions = {}): Promise<void> {
  await send(path, options)
}
