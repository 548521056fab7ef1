import type { Fault } from '@indelible/protocol'
import { faultsMax } from '../../base/fault-list.ts'
import { isObject, type JsonObject } from '../../base/json-object.ts'
import { appendPointer, unescapeToken } from '../../base/pointer.ts'
import { findClosest } from '../spelling.ts'
import { applicators, checkAll } from './applicators.ts'
import { assertions } from './assertions.ts'
import type { Keyword, Site } from './keyword.ts'
import { createPatternCompiler } from './pattern.ts'
import { PatternFault } from './pattern-syntax.ts'
import { type Check, fail, pass } from './walk.ts'
import { quote } from './words.ts'

/** Schemas in one another, written out: a stack must hold them. */
const depthMax = 64

const drafts = [
  'https://json-schema.org/draft/2020-12/schema',
  'http://json-schema.org/draft-07/schema',
]
const text: Keyword = (operand, site) =>
  typeof operand === 'string' ? undefined : site.refuse('Must be a text.')
const anything: Keyword = () => undefined
/** For people and programs; `format`, too, is only a note, as the standard has it. */
const annotations: Readonly<Record<string, Keyword>> = {
  ...{ title: text, description: text, $comment: text, format: text },
  ...{ contentEncoding: text, contentMediaType: text, $id: text },
  ...{ default: anything, examples: anything, deprecated: anything },
  ...{ readOnly: anything, writeOnly: anything },
  $schema: (operand, site) =>
    typeof operand === 'string' && drafts.includes(operand.replace(/#$/, ''))
      ? undefined
      : site.refuse(`Must be ${quote(drafts[0])}: other drafts are not supported.`),
}
const keywords: ReadonlyMap<string, Keyword> = new Map([
  ...Object.entries({ ...annotations, ...assertions }),
  ...applicators,
])
const advice: ReadonlyMap<string, string> = new Map([
  ['additionalItems', 'Not supported: "prefixItems" and "items" say the same.'],
  ['dependencies', 'Not supported: use "dependentRequired" or "dependentSchemas".'],
  ['unevaluatedProperties', 'Not supported: use "additionalProperties".'],
  ['unevaluatedItems', 'Not supported: use "items".'],
])

export interface CompiledSchema {
  readonly check: Check
  /** What is wrong with the schema, by pointer; it is of no use then. */
  readonly faults: readonly Fault[]
  readonly parts: number
}

/** Makes a schema into what checks events. Nothing is fetched, nothing is generated and run. */
export function compileSchema(root: unknown): CompiledSchema {
  const faults: Fault[] = []
  const checks = new Map<string, Check>()
  /** What is referred to, by its pointer. */
  const targets = new Map<string, unknown>()
  const patterns = createPatternCompiler()
  let depth = 0

  function refuse(pointer: string, detail: string): undefined {
    if (faults.length < faultsMax) faults.push({ pointer, detail })
  }

  function compile(schema: unknown, at: string): Check {
    const known = checks.get(at)
    if (known !== undefined) return known
    let made: Check = pass
    // Until it is made: it may be met again on the way, as what it is a part of.
    checks.set(at, (value, walk, pointer) => made(value, walk, pointer))
    if (++depth > depthMax) refuse(at, `Nested deeper than ${depthMax} schemas.`)
    else made = build(schema, at)
    depth--
    checks.set(at, made)
    return made
  }

  function build(schema: unknown, at: string): Check {
    if (schema === true) return pass
    if (schema === false) {
      return (_, walk, pointer) => {
        walk.spend(1)
        return fail(walk, pointer, 'Must not be there.')
      }
    }
    if (!isObject(schema)) {
      refuse(at, 'Must be a schema: an object, true or false.')
      return pass
    }
    const own = Object.entries(schema).flatMap(([name, operand]) => {
      const pointer = appendPointer(at, name)
      if (name === '$ref') return refer(operand, pointer) ?? []
      // It would say what "#" within it means.
      if (name === '$id' && at !== '') return refuse(pointer, 'Only the whole may have it.') ?? []
      const keyword = keywords.get(name)
      if (keyword === undefined) {
        if (!name.startsWith('x-')) refuse(pointer, describeUnknown(name))
        return []
      }
      return keyword(operand, siteOf(schema, at, name)) ?? []
    })
    const check = checkAll(own)
    return (value, walk, pointer) => {
      walk.spend(1)
      walk.enter()
      const holds = check(value, walk, pointer)
      walk.leave()
      return holds
    }
  }

  function siteOf(schema: JsonObject, at: string, keyword: string): Site {
    const own = appendPointer(at, keyword)
    const to = (token: string | number | undefined, from = own) =>
      token === undefined ? from : appendPointer(from, token)
    return {
      schema,
      refuse: (detail, token) => refuse(to(token), detail),
      compile: (part, token) => compile(part, to(token)),
      compileBeside: (part, other) => compile(part, appendPointer(at, other)),
      compilePattern(source, token, other = keyword) {
        const pointer = to(token, appendPointer(at, other))
        if (typeof source !== 'string') return refuse(pointer, 'Must be a text.')
        try {
          return patterns.compile(source)
        } catch (error) {
          if (!(error instanceof PatternFault)) throw error
          return other === keyword ? refuse(pointer, error.message) : undefined
        }
      },
    }
  }

  /** Within the schema alone: what stands elsewhere would have to be fetched, and could change. */
  function refer(operand: unknown, pointer: string): Check | undefined {
    if (typeof operand !== 'string' || !/^#(?:\/.*)?$/s.test(operand)) {
      return refuse(pointer, 'Must point into this schema, such as "#/$defs/name".')
    }
    const target = readTarget(operand)
    if (target === undefined) return refuse(pointer, 'Points at nothing.')
    return (value, walk, place) => (checks.get(target) ?? pass)(value, walk, place)
  }

  function readTarget(reference: string): string | undefined {
    if (!URL.canParse(reference, 'schema:/')) return undefined
    let value = root
    let at = ''
    for (const token of decode(reference).split('/').slice(1)) {
      const name = unescapeToken(token)
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
        return undefined
      }
      value = (value as JsonObject)[name] // an object or an array, with that member
      at = appendPointer(at, name)
    }
    targets.set(at, value)
    return at
  }

  const check = compile(root, '')
  // It grows while it is walked: what is referred to may refer to more.
  for (const [at, schema] of targets) compile(schema, at)
  return { check, faults, parts: checks.size + patterns.parts }
}

function decode(reference: string): string {
  try {
    return decodeURIComponent(reference)
  } catch {
    return reference
  }
}

function describeUnknown(name: string): string {
  const known = advice.get(name)
  if (known !== undefined) return known
  const closest = findClosest(name, [...keywords.keys(), '$ref'])
  if (closest !== undefined) return `Unknown keyword: did you mean ${quote(closest)}?`
  return 'This keyword is not supported; for notes of your own, "x-…" is.'
}
