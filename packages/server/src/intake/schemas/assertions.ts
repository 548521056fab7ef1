import { isObject } from '../../base/json-object.ts'
import { appendPointer } from '../../base/pointer.ts'
import { canonicalise } from './canonical.ts'
import { isCount, isNames, type Keyword } from './keyword.ts'
import { type Check, fail, listMembers } from './walk.ts'
import { listNames, listWords, quote } from './words.ts'

/** Keywords that look at a value alone, without schemas within (JSON Schema Validation §6). */

const typeTests: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map([
  ['object', isObject],
  ['array', Array.isArray],
  ['string', (value) => typeof value === 'string'],
  ['number', (value) => typeof value === 'number'],
  ['integer', Number.isInteger],
  ['boolean', (value) => typeof value === 'boolean'],
  ['null', (value) => value === null],
])

const type: Keyword = (operand, site) => {
  const names = [...new Set<unknown>(Array.isArray(operand) ? operand : [operand])]
  const tests = names.flatMap((name) => typeTests.get(name) ?? [])
  if (tests.length !== names.length || tests.length === 0) {
    return site.refuse(`Must be of ${listWords([...typeTests.keys()], 'or')}.`)
  }
  const wanted = `Must be ${listWords(names.map(withArticle), 'or')}.`
  return (value, walk, pointer) => tests.some((test) => test(value)) || fail(walk, pointer, wanted)
}

const withArticle = (name: unknown) =>
  name === 'null' ? 'null' : `${/^[aeiou]/.test(String(name)) ? 'an' : 'a'} ${name}`

const choose: Keyword = (operand, site) => {
  if (!Array.isArray(operand) || operand.length === 0) {
    return site.refuse('Must be a list of values, one at least.')
  }
  const wanted = `Must be ${operand.length === 1 ? '' : 'one of '}${listNames(operand)}.`
  const free = { spend: () => undefined }
  const allowed = new Set(operand.map((value) => canonicalise(value, free)))
  const hasParts = operand.some((value) => typeof value === 'object' && value !== null)
  return (value, walk, pointer) => {
    const isPart = typeof value === 'object' && value !== null
    if ((!isPart || hasParts) && allowed.has(canonicalise(value, walk))) return true
    return fail(walk, pointer, wanted)
  }
}

/** A bound of numbers. */
const bound =
  (
    holds: (value: number, limit: number) => boolean,
    describe: (limit: number) => string,
    isLimit: (limit: number) => boolean = () => true,
  ): Keyword =>
  (operand, site) => {
    if (typeof operand !== 'number' || !isLimit(operand)) {
      return site.refuse(isLimit(-1) ? 'Must be a number.' : 'Must be a number above 0.')
    }
    const wanted = describe(operand)
    return (value, walk, pointer) =>
      typeof value !== 'number' || holds(value, operand) || fail(walk, pointer, wanted)
  }

/** True also of 0.3 and 0.1, which are not what they are written as. */
function isMultiple(value: number, of: number): boolean {
  const ratio = value / of
  return Number.isFinite(ratio) && Math.abs(ratio - Math.round(ratio)) < 1e-9
}

/** A bound of how many there are of something. */
const count =
  (
    measure: (value: unknown, walk: Parameters<Check>[1]) => number | undefined,
    holds: (size: number, limit: number) => boolean,
    describe: (limit: number) => string,
  ): Keyword =>
  (operand, site) => {
    if (!isCount(operand)) return site.refuse('Must be a whole number, 0 or more.')
    const wanted = describe(operand)
    return (value, walk, pointer) => {
      const size = measure(value, walk)
      return size === undefined || holds(size, operand) || fail(walk, pointer, wanted)
    }
  }

const atLeast = (size: number, limit: number) => size >= limit
const atMost = (size: number, limit: number) => size <= limit
/** The low half of a surrogate pair; alone, no JSON that we take has one. */
const isSecondHalf = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xdc00
/** Characters, not UTF-16's halves of them. */
const chars = (value: unknown, walk: Parameters<Check>[1]): number | undefined => {
  if (typeof value !== 'string') return undefined
  walk.spend(value.length >> 3)
  let size = value.length
  for (let at = 1; at < value.length; at++) if (isSecondHalf(value, at)) size--
  return size
}
const items = (value: unknown) => (Array.isArray(value) ? value.length : undefined)
const members = (value: unknown, walk: Parameters<Check>[1]) =>
  isObject(value) ? listMembers(value, walk).length : undefined
const plural = (limit: number, noun: string) => `${limit} ${noun}${limit === 1 ? '' : 's'}`

const required: Keyword = (operand, site) => {
  if (!isNames(operand)) return site.refuse('Must be a list of names.')
  return (value, walk, pointer) => {
    if (!isObject(value)) return true
    walk.spend(operand.length)
    let holds = true
    for (const name of operand) {
      if (Object.hasOwn(value, name)) continue
      if (pointer === undefined) return false
      holds = fail(walk, appendPointer(pointer, name), `Missing: ${quote(name)} is required.`)
    }
    return holds
  }
}

const dependentRequired: Keyword = (operand, site) => {
  if (!isObject(operand) || !Object.values(operand).every(isNames)) {
    return site.refuse('Must be an object of lists of names.')
  }
  const rules = Object.entries(operand as Record<string, string[]>) // as just looked at
  return (value, walk, pointer) => {
    if (!isObject(value)) return true
    let holds = true
    for (const [name, others] of rules) {
      walk.spend(1 + others.length)
      if (!Object.hasOwn(value, name)) continue
      for (const other of others) {
        if (Object.hasOwn(value, other)) continue
        if (pointer === undefined) return false
        const detail = `Missing: ${quote(other)} is required beside ${quote(name)}.`
        holds = fail(walk, appendPointer(pointer, other), detail)
      }
    }
    return holds
  }
}

const uniqueItems: Keyword = (operand, site) => {
  if (typeof operand !== 'boolean') return site.refuse('Must be true or false.')
  if (!operand) return undefined
  return (value, walk, pointer) => {
    if (!Array.isArray(value)) return true
    const seen = new Set(value.map((item) => canonicalise(item, walk)))
    return seen.size === value.length || fail(walk, pointer, 'Has the same item twice.')
  }
}

const pattern: Keyword = (operand, site) => {
  const matches = site.compilePattern(operand)
  if (matches === undefined) return undefined
  const wanted = `Must match the pattern ${quote(String(operand))}.`
  return (value, walk, pointer) =>
    typeof value !== 'string' || matches(value, walk.spend) || fail(walk, pointer, wanted)
}

export const assertions: Readonly<Record<string, Keyword>> = {
  type,
  enum: choose,
  const: (operand, site) => choose([operand], site),
  minimum: bound(
    (value, limit) => value >= limit,
    (limit) => `Must be ${limit} or more.`,
  ),
  maximum: bound(
    (value, limit) => value <= limit,
    (limit) => `Must be ${limit} or less.`,
  ),
  exclusiveMinimum: bound(
    (value, limit) => value > limit,
    (limit) => `Must be more than ${limit}.`,
  ),
  exclusiveMaximum: bound(
    (value, limit) => value < limit,
    (limit) => `Must be less than ${limit}.`,
  ),
  multipleOf: bound(
    isMultiple,
    (limit) => `Must be a multiple of ${limit}.`,
    (limit) => limit > 0,
  ),
  minLength: count(chars, atLeast, (limit) => `Shorter than ${plural(limit, 'character')}.`),
  maxLength: count(chars, atMost, (limit) => `Longer than ${plural(limit, 'character')}.`),
  minItems: count(items, atLeast, (limit) => `Fewer than ${plural(limit, 'item')}.`),
  maxItems: count(items, atMost, (limit) => `More than ${plural(limit, 'item')}.`),
  minProperties: count(members, atLeast, (limit) => `Fewer than ${plural(limit, 'member')}.`),
  maxProperties: count(members, atMost, (limit) => `More than ${plural(limit, 'member')}.`),
  required,
  dependentRequired,
  uniqueItems,
  pattern,
}
