import { redactSecrets } from '../redaction.ts'

/** One segment of a pattern, which stands for one segment of a path. */
export interface Segment {
  /** As the endpoint shows it: `items`, `:id`. */
  readonly shown: string
  /** As it must be in the path, folded; undefined where it stands for something. */
  readonly fixed: string | undefined
  /** The parameter's name, where it is all of the segment. */
  readonly name: string | undefined
  /** What is kept of a secret in its place. */
  readonly mask: string | undefined
}

/** A route's pattern, as far as it can be laid over a path. */
export interface Pattern {
  /** Segments of a path that it can match, longest first; none where it is a matter of several. */
  readonly forms: readonly (readonly Segment[])[]
  readonly hasSecret: boolean
  /** For a path as most are: with all of the pattern and no more, and nothing to be masked. */
  readonly plain: PlainForm | undefined
}

/** What is known of a pattern before any path. */
export interface PlainForm {
  /** Finds the values of its parameters. */
  readonly matcher: RegExp
  readonly endpoint: string
  /** What each parameter stands for, in order. */
  readonly types: readonly string[]
}

/** `:id`, `:id(\\d+)`, `:id{[0-9]+}`, and what makes it optional. */
const parameterPattern = /^:(\w+)(?:\([^)./]*\)|\{[^}./]*\})?(\?)?$/
/** All names, also those that share a segment (`:from-:to`) or stand for several. */
const namePattern = /[:*](\w+)/g
/** What stands for no or several segments. */
const openEndedPattern = /[*{}?+]|\(.*[./].*\)/
/** Patterns are the application's, and few. */
const patternsMax = 2_000

export const segmentsOf = (path: string): string[] =>
  path.split('/').filter((segment) => segment !== '')

/** Reads the patterns of all frameworks, each once. */
export function createPatternReader(): (pattern: string) => Pattern {
  const read = new Map<string, Pattern>()
  return (pattern) => {
    const known = read.get(pattern)
    if (known !== undefined) return known
    const parsed = parsePattern(pattern)
    if (read.size >= patternsMax) read.clear()
    read.set(pattern, parsed)
    return parsed
  }
}

function parsePattern(pattern: string): Pattern {
  const hasSecret = [...pattern.matchAll(namePattern)].some(([, name = '']) => maskOf(name))
  // Express 5 writes `{/:id}` for `/:id?`.
  const texts = segmentsOf(pattern.replace(/\{\/(:\w+)\}$/, '/$1?'))
  const isOptional = parameterPattern.exec(texts.at(-1) ?? '')?.[2] !== undefined
  const segments = texts.map(parseSegment)
  const isWhole = segments.every((segment) => segment !== undefined)
  if (!isWhole) return { forms: [], hasSecret, plain: undefined }
  return {
    forms: isOptional ? [segments, segments.slice(0, -1)] : [segments],
    hasSecret,
    plain: hasSecret ? undefined : describePlain(segments),
  }
}

function describePlain(segments: readonly Segment[]): PlainForm | undefined {
  // `:from-:to`: neither a word nor a parameter.
  if (segments.some(({ fixed, name }) => fixed === undefined && name === undefined))
    return undefined
  const literal = (text: string) => text.replace(/[^\w]/g, '\\$&')
  const texts = segments.map(({ shown, name }) => (name === undefined ? literal(shown) : '([^/]+)'))
  const types = segments.flatMap(({ name }, at) =>
    name === undefined ? [] : [typeOf(name, segments[at - 1])],
  )
  const endpoint = `/${segments.map(({ shown }) => shown).join('/')}`
  return { matcher: new RegExp(`^/${texts.join('/')}/?$`), endpoint, types }
}

/** What a parameter is, by the word before it, or by its own name. */
export const typeOf = (name: string, before: Segment | undefined): string =>
  before !== undefined && before.name === undefined
    ? decode(before.shown)
    : name === 'id'
      ? 'resource'
      : name

function parseSegment(text: string): Segment | undefined {
  const [, name] = parameterPattern.exec(text) ?? []
  if (name === undefined && openEndedPattern.test(text)) return undefined
  const masks = [...text.matchAll(namePattern)].map(([, inside = '']) => maskOf(inside))
  return {
    shown: name === undefined ? text : `:${name}`,
    fixed: text.includes(':') ? undefined : fold(text),
    name,
    mask: masks.find((mask) => mask !== undefined),
  }
}

const unmasked = 'a value that is long enough'

/** As for a member of that name. */
function maskOf(name: string): string | undefined {
  const [shown] = Object.values(redactSecrets({ [name]: unmasked }) as object) // one member
  return shown === unmasked ? undefined : String(shown)
}

/** Frameworks compare so, or more strictly. */
export const fold = (segment: string): string => decode(segment).toLowerCase()

export function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
