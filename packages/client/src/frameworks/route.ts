import { redactSecrets } from '../redaction.ts'

/** The route of a request, by its pattern: few distinct ones, whatever is asked for. */
export interface Route {
  readonly method: string
  /** `/items/:id`; undefined where no route matched. */
  readonly endpoint: string | undefined
}

/** A route and what its parameters stood for. */
export interface MatchedRoute extends Route {
  /** In the pattern's order; the parameters with secret names are left out. */
  readonly parameters: readonly { readonly after: string | undefined; readonly value: string }[]
  /** The path as asked for, without the parameters with secret names. */
  readonly path: string
}

const parameterPattern = /^:(\w+)(?:\([^)]*\))?$/
/** What a framework's pattern may hold that stands for no or several segments. */
const isOpenEnded = (pattern: string): boolean => /[*{}?+]|\(.*\/.*\)/.test(pattern)
const identifierPattern =
  /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|[0-9A-HJKMNP-TV-Z]{26}|.{33,})$/i

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')

/**
 * Lays a pattern over the path that it matched, from the end: a router mounted elsewhere knows only
 * the end of its routes. What comes before it stands as asked for, but for what looks like an id.
 */
export function matchRoute(
  method: string,
  path: string,
  pattern: string | undefined,
): MatchedRoute {
  if (pattern === undefined) return { method, endpoint: undefined, parameters: [], path }
  const wanted = segmentsOf(pattern)
  const given = segmentsOf(path)
  const mounted = given.length - wanted.length
  if (isOpenEnded(pattern) || mounted < 0)
    return { method, endpoint: pattern, parameters: [], path }
  const parameters: { after: string | undefined; value: string }[] = []
  const kept = [...given]
  const endpoint = given.map((segment, at) => {
    const expected = wanted[at - mounted] ?? (identifierPattern.test(segment) ? ':id' : segment)
    const [, name] = parameterPattern.exec(expected) ?? []
    if (name === undefined) return expected
    const shown = maskSecret(name, segment)
    if (shown !== segment) kept[at] = shown
    else parameters.push({ after: kept[at - 1], value: decode(segment) })
    return `:${name}`
  })
  const isChanged = kept.some((segment, at) => segment !== given[at])
  return {
    method,
    endpoint: `/${endpoint.join('/')}`,
    parameters,
    path: isChanged ? `/${kept.join('/')}` : path,
  }
}

/** `/reset/:token` must not bring the token into the log. */
function maskSecret(name: string, segment: string): string {
  const [[, shown] = []] = Object.entries(redactSecrets({ [name]: segment }) as object) // one member
  return String(shown)
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
}

/** `POST /api/v1/users/:id/orders` → `users.orders.create`; without a route `http.create`. */
export function nameAction({ method, endpoint }: Route): string {
  const words = segmentsOf(endpoint ?? '').filter((segment) => /^[\w.-]+$/.test(segment))
  while (words.length > 1 && /^(?:api|v\d+)$/i.test(words[0] ?? '')) words.shift()
  const noun = words.length === 0 ? 'http' : words.join('.')
  return `${noun}.${verbs[method] ?? method.toLowerCase()}`
}
