import { isObject, type JsonObject } from '../../../base/json-object.ts'
import { Refusal } from '../../../base/refusal.ts'

/**
 * The one GraphQL operation that Retraced has for its clients, `search`, with any selection of its
 * fields. Aliases, fragments and directives are refused: no client of Retraced writes them, and
 * they are what makes a small query a large one.
 */
export interface SearchOperation {
  readonly query: string
  /** Entries of a page. */
  readonly last: number
  /** Cursor; empty for the first page. */
  readonly before: string
  readonly selection: Selection
}

/** Fields that are asked for, those of objects with their own. */
export type Selection = ReadonlyMap<string, Selection>

interface Shape {
  readonly [field: string]: Shape | null
}

const pairs = { key: null, value: null }
const party = { id: null, name: null, href: null, type: null, fields: pairs }
const leaves = [
  ...['id', 'action', 'crud', 'description', 'received', 'created', 'canonical_time'],
  ...['is_failure', 'is_anonymous', 'source_ip', 'country', 'loc_subdiv1', 'loc_subdiv2'],
  ...['component', 'version', 'external_id', 'raw'],
]
const search: Shape = {
  totalCount: null,
  pageInfo: { hasPreviousPage: null },
  edges: {
    cursor: null,
    node: {
      ...Object.fromEntries(leaves.map((name) => [name, null])),
      ...{ group: { id: null, name: null }, actor: party, target: party },
      ...{ display: { markdown: null }, fields: pairs, metadata: pairs },
    },
  },
}

export const pageEventsDefault = 20
export const pageEventsMax = 1_000
/** The longest query of the client has 1,500 characters. */
const documentCharsMax = 10_000
/** What GraphQL ignores, and then a token: a name, a number, a string or a mark. */
const lexeme =
  /(?:[\s,\uFEFF]|#[^\n\r]*(?:[\n\r]|$))*(?:([_A-Za-z]\w*|-?\d+|"(?:[^"\\\n\r]|\\["\\/bfnrtu])*"|[{}()[\]:!$=@]|\.\.\.)|$)/y

/** @throws Refusal `query-invalid` */
export function readOperation(body: unknown): SearchOperation {
  const { query: document, variables } = asMembers(body)
  if (typeof document !== 'string' || document.length > documentCharsMax) {
    throw refuse(`"query" must be a text of ${documentCharsMax} characters at most`)
  }
  const tokens = createTokens(document)
  if (tokens.take('query') && tokens.next !== '(' && tokens.next !== '{') tokens.readName()
  if (tokens.take('(')) skipDefinitions(tokens)
  tokens.expect('{')
  tokens.expect('search')
  const given = tokens.take('(') ? readArguments(tokens, asMembers(variables ?? {})) : {}
  const selection = readSelection(tokens, search, 'search')
  tokens.expect('}')
  tokens.expect('')
  return { ...checkArguments(given), selection }
}

/** Of a value what was asked for; what is null or missing is null. */
export function select(selection: Selection, value: unknown): unknown {
  if (selection.size === 0 && (typeof value !== 'object' || value === null)) return value ?? null
  if (Array.isArray(value)) return value.map((element) => select(selection, element))
  if (typeof value !== 'object' || value === null) return null
  const members = value as Readonly<Record<string, unknown>> // an object that we made
  return Object.fromEntries(
    Array.from(selection, ([name, inner]) => [name, select(inner, members[name])]),
  )
}

interface Tokens {
  /** The token at hand; empty at the end. */
  readonly next: string
  /** Goes on if it is this one. */
  take(token: string): boolean
  expect(token: string): void
  readName(): string
  /** Whatever it is. */
  read(): string
}

function createTokens(document: string): Tokens {
  let next = ''
  const advance = (): string => {
    const before = next
    const at = lexeme.lastIndex
    const match = lexeme.exec(document)
    if (match === null) throw refuse(`no GraphQL at character ${at + 1} of "query"`)
    next = match[1] ?? ''
    return before
  }
  const tokens: Tokens = {
    get next() {
      return next
    },
    take(token) {
      if (next !== token) return false
      advance()
      return true
    },
    expect(token) {
      if (next !== token) throw refuse(`${describe(token)} is missing before ${describe(next)}`)
      if (token !== '') advance()
    },
    readName() {
      if (!/^[_A-Za-z]/.test(next)) throw refuse(`a name is missing before ${describe(next)}`)
      return advance()
    },
    read: advance,
  }
  lexeme.lastIndex = 0
  advance()
  return tokens
}

const describe = (token: string): string => (token === '' ? 'the end' : `"${token.slice(0, 50)}"`)

/** What types the variables have is ours to know: their values are checked. */
function skipDefinitions(tokens: Tokens): void {
  while (!tokens.take(')')) {
    if (tokens.next === '') throw refuse('")" is missing before the end')
    tokens.read()
  }
}

function readArguments(tokens: Tokens, variables: JsonObject): JsonObject {
  const given: Record<string, unknown> = Object.create(null)
  while (!tokens.take(')')) {
    const name = tokens.readName()
    tokens.expect(':')
    given[name] = tokens.take('$') ? variables[tokens.readName()] : readLiteral(tokens.read())
  }
  return given
}

function readLiteral(token: string): unknown {
  if (token === 'null') return null
  if (!/^["\d-]/.test(token)) throw refuse(`no value: ${describe(token)}`)
  try {
    return JSON.parse(token)
  } catch {
    throw refuse(`no value: ${describe(token)}`)
  }
}

/** The shape bounds how deep it goes. An empty selection is what a client's empty mask asks for. */
function readSelection(tokens: Tokens, shape: Shape, of: string): Selection {
  tokens.expect('{')
  const selection = new Map<string, Selection>()
  while (!tokens.take('}')) {
    const name = tokens.readName()
    const inner = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (inner === undefined) throw refuse(`no field ${describe(name)} in "${of}"`)
    selection.set(name, inner === null ? new Map() : readSelection(tokens, inner, name))
  }
  return selection
}

function checkArguments(given: JsonObject) {
  const { query, last, before, ...others } = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw refuse(`no argument ${describe(unknown)} of "search"`)
  // The viewer leaves the query out where there is nothing in its search field.
  if (typeof (query ?? '') !== 'string') throw refuse('the query of "search" must be a text')
  if (typeof (before ?? '') !== 'string') throw refuse('"before" must be a cursor')
  const count = last ?? pageEventsDefault
  if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > pageEventsMax) {
    throw refuse(`"last" must be a whole number from 1 to ${pageEventsMax}`)
  }
  return { query: String(query ?? ''), last: Number(count), before: String(before ?? '') }
}

function asMembers(value: unknown): JsonObject {
  if (isObject(value)) return value
  throw refuse('the body must be { "query": …, "variables": { … } }')
}

const refuse = (detail: string): Refusal =>
  new Refusal('query-invalid', { detail: `Not a search in GraphQL: ${detail}.` })
