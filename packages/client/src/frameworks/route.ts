import {
  createPatternReader,
  decode,
  fold,
  type PlainForm,
  type Segment,
  segmentsOf,
  typeOf,
} from './pattern.ts'

/** The route of a request, by its pattern: few distinct ones, whatever is asked for. */
export interface Route {
  readonly method: string
  /** `/items/:id`; undefined where no route matched. */
  readonly endpoint: string | undefined
}

/** What a parameter stood for, and what it is by the word before it, or by its own name. */
export interface Parameter {
  readonly type: string
  readonly value: string
}

/** A route and what its parameters stood for. */
export interface MatchedRoute extends Route {
  /** In the pattern's order; the parameters with secret names are left out. */
  readonly parameters: readonly Parameter[]
  /** The path as asked for, without the parameters with secret names. */
  readonly path: string
}

/** A word of a mount's own; anything else in its place may be somebody's id, or a secret. */
const wordPattern = /^(?=.{1,32}$)[a-z]+(?:[-_.][a-z]+)*\d{0,2}$/
/** What the service takes for a key, and would refuse in an action: a caller must not bring that about. */
const keyPattern = /^(?:xox|xapp-|[sr]k[-_]|gh[a-z]_|github_|glpat-|whsec_|shp|hf_|ind_|npm_|pypi-)/
const mountedParameter = { shown: ':id', fixed: undefined, name: 'id', mask: undefined }

const readPattern = createPatternReader()

/**
 * Lays a pattern over the path that it matched, from the end: a router mounted elsewhere knows only
 * the end of its routes. What comes before it stands as asked for, in lower case, but for what may be
 * an id. Where a secret can't be found in the path, the pattern is all that is kept of it.
 */
export function matchRoute(
  method: string,
  path: string,
  pattern: string | undefined,
): MatchedRoute {
  if (pattern === undefined) return { method, endpoint: undefined, parameters: [], path }
  const { forms, hasSecret, plain } = readPattern(pattern)
  const found = plain?.matcher.exec(path)
  if (plain && found) return { method, endpoint: plain.endpoint, ...readPlain(plain, found), path }
  const given = segmentsOf(path)
  const form = forms.find((segments) => fits(segments, given))
  if (form !== undefined) return { method, ...layOver(form, given, path) }
  return { method, endpoint: pattern, parameters: [], path: hasSecret ? pattern : path }
}

function readPlain({ types }: PlainForm, found: RegExpExecArray) {
  const parameters: Parameter[] = []
  for (let at = 0; at < types.length; at += 1) {
    parameters.push({ type: types[at] ?? '', value: decode(found[at + 1] ?? '') })
  }
  return { parameters }
}

/** A path that was rewritten on the way need not. */
function fits(form: readonly Segment[], given: readonly string[]): boolean {
  const mounted = given.length - form.length
  return (
    mounted >= 0 &&
    form.every(({ fixed }, at) => fixed === undefined || fixed === fold(given[mounted + at] ?? ''))
  )
}

function layOver(form: readonly Segment[], given: readonly string[], path: string) {
  const mounted = given.length - form.length
  const parameters: Parameter[] = []
  const kept = [...given]
  let before: Segment | undefined
  let endpoint = ''
  for (const [at, asked] of given.entries()) {
    const segment = form[at - mounted] ?? nameMounted(asked)
    const { shown, name, mask } = segment
    endpoint += `/${shown}`
    if (mask !== undefined) kept[at] = mask
    else if (name !== undefined) {
      parameters.push({ type: typeOf(name, before), value: decode(asked) })
    }
    before = segment
  }
  const isChanged = kept.some((segment, at) => segment !== given[at])
  return { endpoint: endpoint || '/', parameters, path: isChanged ? `/${kept.join('/')}` : path }
}

function nameMounted(asked: string): Segment {
  const word = asked.toLowerCase()
  const isWord = wordPattern.test(word) && !keyPattern.test(word)
  return isWord ? { shown: word, fixed: word, name: undefined, mask: undefined } : mountedParameter
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
}

/** Endpoints and methods are few; what a caller can make of either must not fill the memory. */
const endpointsMax = 2_000
const methodsMax = 20
const actions = new Map<string, Map<string, string>>()

/** `POST /api/v1/users/:id/orders` → `users.orders.create`; without a route `http.create`. */
export function nameAction({ method, endpoint = '' }: Route): string {
  const known = actions.get(endpoint)
  const action = known?.get(method)
  if (action !== undefined) return action
  const ofEndpoint = known ?? new Map<string, string>()
  if (ofEndpoint.size >= methodsMax) ofEndpoint.clear()
  if (known === undefined && actions.size >= endpointsMax) actions.clear()
  const named = `${nameNoun(endpoint)}.${nameVerb(method)}`
  actions.set(endpoint, ofEndpoint.set(method, named))
  return named
}

function nameNoun(endpoint: string): string {
  const words = segmentsOf(endpoint).filter((segment) => /^[\w.-]+$/.test(segment))
  while (words.length > 1 && /^(?:api|v\d+)$/i.test(words[0] ?? '')) words.shift()
  return words.length === 0 ? 'http' : words.join('.')
}

function nameVerb(method: string): string {
  const verb = verbs[method] ?? method.toLowerCase()
  // Where there is no server of Node's, a method may be any word.
  return /^[a-z]{1,16}$/.test(verb) ? verb : 'other'
}
