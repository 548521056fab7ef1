import { describe, expect, test } from 'vitest'
import {
  createActionSchema,
  createSchemaBudget,
  findSchemaFaults,
} from '../schemas/action-schema.ts'
import {
  addVersion,
  readVersions,
  readWorkosSchema,
  translateSchemaPointer,
  type WorkosSchema,
} from './workos-schema.ts'

const stamp = { created_at: '2026-01-01T00:00:00.000Z' }
const metadata = (properties: object, more = {}) => ({ type: 'object', properties, ...more })
const actor = { metadata: metadata({ role: { type: 'string' } }) }

/** JSON Schemas as they are kept: all versions that there have been in one. */
function build(...schemas: WorkosSchema[]) {
  let made: object = {}
  for (const schema of schemas) made = addVersion(readVersions(made) ?? [], schema, stamp)
  return made
}
const check = (schema: object, event: object) =>
  createActionSchema(JSON.stringify(schema))
    .findFaults({ action: 'a', actor: { id: '1' }, ...event }, createSchemaBudget())
    .map(({ pointer }) => pointer)

describe('an event is held to', () => {
  test('the types of its targets, and the metadata of each', () => {
    const schema = build({
      actor,
      targets: [{ type: 'team', metadata: metadata({ size: { type: 'number' } }) }, { type: 'x' }],
      metadata: metadata({ plan: { type: 'string' } }, { required: ['plan'] }),
    })
    expect(findSchemaFaults(schema)).toEqual([])
    const data = { metadata: { plan: 'pro' } }
    expect(check(schema, { data })).toEqual([])
    expect(check(schema, {})).toEqual(['/data'])
    expect(check(schema, { data: {} })).toEqual(['/data/metadata'])
    expect(check(schema, { data, actor: { id: '1', metadata: { role: 1 } } })).toEqual([
      '/actor/metadata/role',
    ])
    const targets = [
      { type: 'team', id: '1', metadata: { size: 'x' } },
      { type: 'x', id: '1', metadata: { size: 'x' } },
      { type: 'y', id: '1' },
      { id: '1' },
    ]
    expect(check(schema, { data, targets })).toEqual([
      ...['/targets/0/metadata/size', '/targets/2/type', '/targets/3/type'],
    ])
  })

  test('the version that it names, and else to the latest', () => {
    const schema = build(
      { targets: [{ type: 'a' }] },
      { targets: [{ type: 'b' }] },
      { targets: [] },
    )
    expect(findSchemaFaults(schema)).toEqual([])
    const targets = [{ type: 'b', id: '1' }]
    expect(check(schema, { targets, data: { version: 1 } })).toEqual(['/targets/0/type'])
    expect(check(schema, { targets, data: { version: 2 } })).toEqual([])
    for (const data of [{}, { version: 3 }, { version: 9 }]) {
      expect(check(schema, { targets: [{ type: 'z', id: '1' }], data })).toEqual([])
    }
  })
})

test('versions are counted on where there is no room for the oldest', () => {
  const large = { targets: [{ type: 'x'.repeat(5_000) }] }
  const versions = readVersions(build(large, large, large, large, large)) ?? []
  expect(versions.at(-1)?.version).toBe(5)
  expect(versions.length).toBeLessThan(5)
  expect(Buffer.byteLength(JSON.stringify(build(large, large, large)))).toBeLessThan(32 * 1024)
})

test('a schema of others has no versions', () => {
  for (const schema of [{}, { 'x-workos': [] }, { 'x-workos': [{ version: 1 }] }, true, null]) {
    expect(readVersions(schema)).toBeUndefined()
  }
})

test('a schema that is none is refused where it is not', () => {
  const pointers = (body: unknown) => {
    try {
      readWorkosSchema(body)
      return []
    } catch (error) {
      // A Refusal with its faults.
      return (error as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)
    }
  }
  expect(pointers(null)).toEqual(['/targets'])
  expect(pointers({ targets: [{ type: 't' }, {}, 7], actor: 7 })).toEqual([
    ...['/targets/1/type', '/targets/2/type', '/actor'],
  ])
  expect(pointers({ targets: [], actor: null })).toEqual([])
})

test('faults of what is made of it are pointed at in what was sent', () => {
  const schema = build(
    { targets: [] },
    {
      actor: { metadata: metadata({ a: { type: 'text' } }) },
      targets: [{ type: 't' }, { type: 'u', metadata: metadata({ b: { nullable: true } }) }],
      metadata: 7,
    },
  )
  const found = findSchemaFaults(schema).map(({ pointer }) => translateSchemaPointer(pointer))
  expect(found.toSorted()).toEqual([
    ...['/actor/metadata/properties/a/type', '/metadata'],
    '/targets/1/metadata/properties/b/nullable',
  ])
})
