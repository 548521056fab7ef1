import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPatch, type PatchOperation } from './json-patch.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** RFC 6902 §4, for the three operations there are. */
function apply(document: unknown, patch: readonly PatchOperation[]): unknown {
  const root = { '': structuredClone(document) as Json }
  for (const operation of patch) {
    const steps = `${operation.path}`
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = steps.pop() ?? ''
    let parent: Json = root
    for (const step of steps) parent = at(parent, step)
    const value = 'value' in operation ? (structuredClone(operation.value) as Json) : undefined
    if (Array.isArray(parent)) {
      expect(last).toMatch(/^\d+$/)
      const index = Number(last)
      expect(index).toBeLessThan(parent.length + (operation.op === 'add' ? 1 : 0))
      const added = value === undefined ? [] : [value]
      parent.splice(index, operation.op === 'add' ? 0 : 1, ...added)
    } else if (typeof parent === 'object' && parent !== null) {
      if (operation.op !== 'add') expect(Object.hasOwn(parent, last)).toBe(true)
      if (value === undefined) delete parent[last]
      // As `JSON.parse` would: a member, whatever it is called.
      else Object.defineProperty(parent, last, { ...plain, value })
    }
  }
  return root['']
}

const plain = { enumerable: true, configurable: true, writable: true }

function at(parent: Json, step: string): Json {
  const isContainer = typeof parent === 'object' && parent !== null
  const found = isContainer ? Object.getOwnPropertyDescriptor(parent, step)?.value : undefined
  if (found === undefined) throw new Error(`There is no ${step}.`)
  return found
}

const name = fc.oneof(
  fc.constantFrom('a', 'b', '', '/', '~', '~1', 'm~n/o', '__proto__', 'constructor', '0', '-'),
  fc.string(),
)
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, 1, 'x', ''),
    fc.array(tie('json'), { maxLength: 5 }),
    fc
      .array(fc.tuple(name, tie('json')), { maxLength: 5 })
      .map((members) => JSON.parse(JSON.stringify(Object.fromEntries(members)))),
  ),
}))

test('the patch makes the one document of the other, whatever they are', () => {
  const law = fc.property(json, json, (before, after) => {
    const patch = createPatch(before, after)
    expect(JSON.stringify(sortMembers(apply(before, patch)))).toBe(
      JSON.stringify(sortMembers(after)),
    )
    expect(createPatch(before, after)).toEqual(patch)
    expect(createPatch(after, after)).toEqual([])
  })
  fc.assert(law, { numRuns: 2_000 })
})

/** The order of members means nothing. */
function sortMembers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sortMembers)
  const members = Object.entries(value).map(([name, member]) => [name, sortMembers(member)])
  return Object.fromEntries(
    members.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  )
}

test('it names what changed, and nothing beside', () => {
  const before = { name: 'Ann', 'a/b~c': 1, tags: ['x', 'y', 'z'], old: true, same: { deep: [1] } }
  const after = { name: 'Zoë', 'a/b~c': 2, tags: ['x', 'z'], same: { deep: [1] }, made: null }
  expect(createPatch(before, after)).toEqual([
    { op: 'replace', path: '/name', value: 'Zoë' },
    { op: 'replace', path: '/a~1b~0c', value: 2 },
    { op: 'remove', path: '/tags/1' },
    { op: 'remove', path: '/old' },
    { op: 'add', path: '/made', value: null },
  ])
})
