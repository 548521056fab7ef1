import { isObject } from '../../base/json-object.ts'
import { appendPointer } from '../../base/pointer.ts'
import { findClosest } from '../spelling.ts'
import { isCount, type Keyword, type Site } from './keyword.ts'
import { type Check, fail, listMembers, type Walk } from './walk.ts'
import { quote } from './words.ts'

/** Keywords that put schemas to work on a value, or on what it has (JSON Schema Core §10). */

/** Runs every check: all of them where faults are reported, else until the first fails. */
export function checkAll(checks: readonly Check[]): Check {
  const [only] = checks
  if (checks.length === 1 && only !== undefined) return only
  return (value, walk, pointer) => {
    let holds = true
    for (const check of checks) {
      if (check(value, walk, pointer)) continue
      if (pointer === undefined) return false
      holds = false
    }
    return holds
  }
}

function below(walk: Walk, pointer: string | undefined, name: string | number) {
  if (pointer === undefined) return undefined
  // It is looked through for what must be escaped.
  if (typeof name === 'string') walk.spend(name.length >> 5)
  return appendPointer(pointer, name)
}

/** Schemas under names. */
function compileMembers(operand: unknown, site: Site): (readonly [string, Check])[] | undefined {
  if (!isObject(operand)) return site.refuse('Must be an object of schemas.')
  return Object.keys(operand).map((name) => [name, site.compile(operand[name], name)])
}

function compileList(operand: unknown, site: Site): Check[] | undefined {
  if (!Array.isArray(operand) || operand.length === 0) {
    return site.refuse('Must be a list of schemas, one at least.')
  }
  return operand.map((schema, index) => site.compile(schema, index))
}

const properties: Keyword = (operand, site) => {
  const checks = compileMembers(operand, site)
  if (checks === undefined) return undefined
  return (value, walk, pointer) => {
    if (!isObject(value)) return true
    walk.spend(checks.length)
    let holds = true
    for (const [name, check] of checks) {
      if (!Object.hasOwn(value, name)) continue
      if (check(value[name], walk, below(walk, pointer, name))) continue
      if (pointer === undefined) return false
      holds = false
    }
    return holds
  }
}

const patternProperties: Keyword = (operand, site) => {
  const checks = compileMembers(operand, site)?.flatMap(([source, check]) => {
    const matches = site.compilePattern(source, source)
    return matches === undefined ? [] : [{ matches, check }]
  })
  if (checks === undefined) return undefined
  return (value, walk, pointer) => {
    if (!isObject(value)) return true
    let holds = true
    for (const name of listMembers(value, walk)) {
      for (const { matches, check } of checks) {
        if (!matches(name, walk.spend)) continue
        if (check(value[name], walk, below(walk, pointer, name))) continue
        if (pointer === undefined) return false
        holds = false
      }
    }
    return holds
  }
}

const additionalProperties: Keyword = (operand, site) => {
  const { properties: own, patternProperties: patterned } = site.schema
  const known = new Set(isObject(own) ? Object.keys(own) : [])
  const patterns = Object.keys(isObject(patterned) ? patterned : {}).flatMap(
    (source) => site.compilePattern(source, source, 'patternProperties') ?? [],
  )
  const names = [...known].filter(({ length }) => length <= 32).slice(0, 20)
  const check = site.compile(operand)
  return (value, walk, pointer) => {
    if (!isObject(value)) return true
    let holds = true
    for (const name of listMembers(value, walk)) {
      if (known.has(name) || patterns.some((matches) => matches(name, walk.spend))) continue
      if (operand !== false && check(value[name], walk, below(walk, pointer, name))) continue
      if (pointer === undefined) return false
      holds = false
      if (operand === false) fail(walk, below(walk, pointer, name), describeUnknown(name, names))
    }
    return holds
  }
}

/** Without the name itself, which is the caller's: it stands in the pointer. */
function describeUnknown(name: string, known: readonly string[]): string {
  const closest = findClosest(name, known)
  return `Unknown member${closest === undefined ? '.' : `: did you mean ${quote(closest)}?`}`
}

const propertyNames: Keyword = (operand, site) => {
  const check = site.compile(operand)
  return (value, walk, pointer) => {
    if (!isObject(value)) return true
    let holds = true
    for (const name of listMembers(value, walk)) {
      if (check(name, walk, undefined)) continue
      holds = fail(walk, below(walk, pointer, name), 'A member may not be called this here.')
      if (pointer === undefined) return false
    }
    return holds
  }
}

const prefixItems: Keyword = (operand, site) => {
  const checks = compileList(operand, site)
  if (checks === undefined) return undefined
  return (value, walk, pointer) => {
    if (!Array.isArray(value)) return true
    let holds = true
    for (const [index, check] of checks.entries()) {
      if (index >= value.length) break
      if (check(value[index], walk, below(walk, pointer, index))) continue
      if (pointer === undefined) return false
      holds = false
    }
    return holds
  }
}

const items: Keyword = (operand, site) => {
  if (Array.isArray(operand)) return site.refuse('A list of schemas is called "prefixItems" now.')
  const { prefixItems: prefix } = site.schema
  const first = Array.isArray(prefix) ? prefix.length : 0
  const check = site.compile(operand)
  return (value, walk, pointer) => {
    if (!Array.isArray(value)) return true
    let holds = true
    for (let index = first; index < value.length; index++) {
      if (check(value[index], walk, below(walk, pointer, index))) continue
      if (pointer === undefined) return false
      holds = false
    }
    return holds
  }
}

const contains: Keyword = (operand, site) => {
  const check = site.compile(operand)
  const { minContains, maxContains } = site.schema
  const min = isCount(minContains) ? minContains : 1
  const max = isCount(maxContains) ? maxContains : Infinity
  return (value, walk, pointer) => {
    if (!Array.isArray(value)) return true
    const found = value.filter((item) => check(item, walk, undefined)).length
    if (found < min) return fail(walk, pointer, `Fewer than ${min} of its items are as wanted.`)
    if (found > max) return fail(walk, pointer, `More than ${max} of its items are as told.`)
    return true
  }
}

const countOnly: Keyword = (operand, site) =>
  isCount(operand) ? undefined : site.refuse('Must be a whole number, 0 or more.')

const anyOf: Keyword = (operand, site) => {
  const checks = compileList(operand, site)
  if (checks === undefined) return undefined
  return (value, walk, pointer) =>
    checks.some((check) => check(value, walk, undefined)) ||
    fail(walk, pointer, 'Is like none of the forms that it may have (anyOf).')
}

const oneOf: Keyword = (operand, site) => {
  const checks = compileList(operand, site)
  if (checks === undefined) return undefined
  return (value, walk, pointer) => {
    const fitting = checks.filter((check) => check(value, walk, undefined)).length
    if (fitting === 1) return true
    const how = fitting === 0 ? 'none' : `${fitting} instead of one`
    return fail(walk, pointer, `Is like ${how} of the forms that it may have (oneOf).`)
  }
}

const not: Keyword = (operand, site) => {
  const check = site.compile(operand)
  return (value, walk, pointer) =>
    !check(value, walk, undefined) || fail(walk, pointer, 'Is as it must not be (not).')
}

const branch: Keyword = (operand, site) => {
  const condition = site.compile(operand)
  const { then: yes = true, else: no = true } = site.schema
  const [met, unmet] = [site.compileBeside(yes, 'then'), site.compileBeside(no, 'else')]
  return (value, walk, pointer) =>
    (condition(value, walk, undefined) ? met : unmet)(value, walk, pointer)
}

const dependentSchemas: Keyword = (operand, site) => {
  const checks = compileMembers(operand, site)
  if (checks === undefined) return undefined
  return checkAll(
    checks.map(
      ([name, check]): Check =>
        (value, walk, pointer) => {
          walk.spend(1)
          return !isObject(value) || !Object.hasOwn(value, name) || check(value, walk, pointer)
        },
    ),
  )
}

/** Schemas that others refer to: looked at, never applied. */
const definitions: Keyword = (operand, site) => void compileMembers(operand, site)
const compileOnly: Keyword = (operand, site) => void site.compile(operand)

const allOf: Keyword = (operand, site) => {
  const checks = compileList(operand, site)
  return checks && checkAll(checks)
}

export const applicators: ReadonlyMap<string, Keyword> = new Map([
  ...Object.entries({ properties, patternProperties, additionalProperties, propertyNames }),
  ...Object.entries({ prefixItems, items, contains, dependentSchemas, allOf, anyOf, oneOf, not }),
  ['minContains', countOnly],
  ['maxContains', countOnly],
  ['if', branch],
  ['then', compileOnly],
  ['else', compileOnly],
  ['$defs', definitions],
  ['definitions', definitions],
])
