import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { describe, expect, test } from 'vitest'
import {
  createActionSchema,
  createSchemaBudget,
  createSchemaFinder,
  findSchemaFaults,
} from './action-schema.ts'

const faultsOf = (schema: unknown, value: unknown) => {
  expect(findSchemaFaults(schema)).toEqual([])
  return createActionSchema(JSON.stringify(schema)).findFaults(value, createSchemaBudget())
}
const saysOf = (schema: unknown, value: unknown) =>
  faultsOf(schema, value).map(({ pointer, detail }) => `${pointer} ${detail}`)

describe('a schema', () => {
  const names = fc.constantFrom('a', 'b', 'c', '~/')
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, false, 0, 1, 1.5, 2, -3, '', 'a', 'ab', '😀', 'x1'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(names, tie('json'), { maxKeys: 3 }),
    ),
  }))
  const { schema } = fc.letrec((tie) => {
    const sub = tie('schema')
    const list = fc.array(sub, { minLength: 1, maxLength: 3 })
    const count = fc.nat({ max: 3 })
    const members = fc.dictionary(names, sub, { maxKeys: 3 })
    const type = fc.constantFrom(
      ...['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'],
    )
    const some = (keywords: Record<string, fc.Arbitrary<unknown>>) =>
      fc.record(keywords, { requiredKeys: [] })
    return {
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.boolean(),
        some({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })) }),
        some({ enum: fc.array(json, { minLength: 1, maxLength: 3 }) }),
        some({ const: json }),
        some({ minimum: count, exclusiveMaximum: count, multipleOf: fc.constantFrom(1, 0.5, 2) }),
        some({ maximum: count, exclusiveMinimum: count }),
        some({ minLength: count, maxLength: count, pattern: fc.constantFrom('a', '^x\\d$', '😀') }),
        some({ minItems: count, maxItems: count, uniqueItems: fc.boolean() }),
        some({ prefixItems: list, items: sub }),
        some({ contains: sub, minContains: count, maxContains: count }),
        some({ minProperties: count, maxProperties: count, required: fc.array(names) }),
        some({
          properties: members,
          patternProperties: fc.dictionary(fc.constantFrom('^a', 'b|c'), sub, { maxKeys: 2 }),
          additionalProperties: sub,
        }),
        some({ propertyNames: sub, dependentSchemas: members }),
        some({ dependentRequired: fc.dictionary(names, fc.array(names)) }),
        some({ allOf: list, anyOf: list }),
        some({ oneOf: list, not: sub }),
        // biome-ignore lint/suspicious/noThenProperty: a keyword
        some({ if: sub, then: sub, else: sub }),
      ),
    }
  })

  test('says of a value what another implementation says', () => {
    fc.assert(
      fc.property(schema, json, (rules, value) => {
        const isValid = Compile(rules as object).Check(value)
        expect(faultsOf(rules, value).length === 0).toBe(isValid)
      }),
      { numRuns: 5_000 },
    )
  })

  test('knows equal values, however they are written', () => {
    const twice = [
      [-0, 0],
      [
        { a: 1, b: [null] },
        { b: [null], a: 1 },
      ],
    ]
    for (const items of twice) expect(faultsOf({ uniqueItems: true }, items)).toHaveLength(1)
    for (const items of [
      [1, '1'],
      [[], {}],
      [0, false, null],
    ]) {
      expect(faultsOf({ uniqueItems: true }, items)).toEqual([])
    }
    expect(faultsOf({ const: { a: 0, b: 1 } }, { b: 1, a: -0 })).toEqual([])
  })

  test('names every fault at its place, in words, and nothing of what stands there', () => {
    const rules = {
      required: ['data', 'source'],
      properties: {
        outcome: { const: 'success' },
        data: {
          required: ['plan', 'seats'],
          properties: {
            plan: { enum: ['free', 'pro'] },
            seats: { type: 'integer', minimum: 1 },
            code: { pattern: '^C-\\d+$' },
            tags: { type: 'array', items: { type: ['string', 'null'], maxLength: 5 } },
          },
          additionalProperties: false,
        },
      },
    }
    const event = {
      outcome: 'denied',
      data: { plan: 'hunter2', seat: 1, code: 'hunter2', tags: [1, 'hunter2', null], 'a/b~': 0 },
    }
    const said = saysOf(rules, event)
    expect(said).toEqual([
      '/source Missing: "source" is required.',
      '/outcome Must be "success".',
      '/data/seats Missing: "seats" is required.',
      '/data/plan Must be one of "free" or "pro".',
      '/data/code Must match the pattern "^C-\\\\d+$".',
      '/data/tags/0 Must be a string or null.',
      '/data/tags/1 Longer than 5 characters.',
      '/data/seat Unknown member: did you mean "seats"?',
      '/data/a~1b~0 Unknown member.',
    ])
    expect(said.join()).not.toContain('hunter2')
  })

  test('may refer to its own parts, and to itself', () => {
    const rules = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $ref: '#/$defs/a~1b%20c',
      $defs: {
        'a/b c': { properties: { data: { $ref: '#/$defs/tree' } } },
        tree: {
          required: ['name'],
          properties: { children: { items: { $ref: '#/$defs/tree' } } },
        },
      },
    }
    expect(saysOf(rules, { data: { name: '', children: [{ name: '', children: [{}] }] } })).toEqual(
      ['/data/children/0/children/0/name Missing: "name" is required.'],
    )
  })
})

describe('a schema that is none is refused', () => {
  test.each<[string, object, string]>([
    ['an unknown type', { properties: { a: { type: 'text' } } }, '/properties/a/type Must be of'],
    ['a misspelt keyword', { requird: [] }, '/requird Unknown keyword: did you mean "required"?'],
    ['no schema', { items: 3 }, '/items Must be a schema'],
    ['a remote reference', { $ref: 'https://example.com/s' }, '/$ref Must point into this schema'],
    ['a reference to a file', { allOf: [{ $ref: 'a.json#/b' }] }, '/allOf/0/$ref Must point into'],
    ['a reference to nothing', { $ref: '#/$defs/a' }, '/$ref Points at nothing'],
    ['a reference to itself alone', { $ref: '#' }, ' Takes too much work: does a "$ref" lead back'],
    ['an anchor', { $anchor: 'a' }, '/$anchor This keyword is not supported'],
    ['an older list', { items: [{}] }, '/items A list of schemas is called "prefixItems"'],
    ['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, '/$schema Must be'],
    ['a faulty pattern', { properties: { a: { pattern: '(' } } }, '/properties/a/pattern Not a'],
    ['a faulty name', { patternProperties: { '(?=a)': {} } }, '/patternProperties/(?=a) Of groups'],
    ['a negative count', { properties: { a: { minLength: -1 } } }, '/properties/a/minLength Must'],
    ['a reference to no schema', { $ref: '#/x-a', 'x-a': { type: 1 } }, '/x-a/type Must be of'],
  ])('%s', (_, schema, said) => {
    const faults = findSchemaFaults(schema).map(({ pointer, detail }) => `${pointer} ${detail}`)
    expect(faults).toEqual([expect.stringContaining(said)])
  })

  test('where it is deeper than it may be', () => {
    let schema: object = {}
    for (let depth = 0; depth < 5_000; depth++) schema = { not: schema }
    expect(findSchemaFaults(schema)).toEqual([
      { pointer: '/not'.repeat(64), detail: 'Nested deeper than 64 schemas.' },
    ])
  })
})

describe('a hostile schema gives up after so many steps (I-15)', () => {
  const doubled = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `d${n}`,
      { allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
    ]),
  )
  const tree = (depth: number): unknown => (depth === 0 ? {} : { a: tree(depth - 1) })
  const long = 'a'.repeat(100_000)
  const oftenAsked = (schema: object) => ({
    properties: { data: { $ref: '#/$defs/d0' } },
    $defs: { ...doubled, d14: schema, d40: true },
  })
  const members = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`m${n}`, 1]))
  test.each<[string, object, unknown]>([
    [
      'references that double',
      { properties: { data: { $ref: '#/$defs/d0' } }, $defs: { ...doubled, d40: {} } },
      { data: 1 },
    ],
    [
      'alternatives that double at each level',
      {
        anyOf: [1, 2].map(() => ({ properties: { a: { $ref: '#' } }, required: ['never'] })),
        'x-a': 1,
      },
      tree(30),
    ],
    [
      'thousands of alternatives for thousands of items',
      { properties: { data: { items: { anyOf: [...Array(1_500).fill({ type: 'null' }), {}] } } } },
      { data: Array(20_000).fill(1) },
    ],
    [
      'patterns upon patterns on a long text',
      {
        properties: {
          data: { allOf: Array.from({ length: 30 }, (_, n) => ({ pattern: `(a?){${n}}b` })) },
        },
      },
      { data: long },
    ],
    ...[{ items: true }, { contains: true }, { items: { not: false } }].map(
      (schema): [string, object, unknown] => [
        `all items looked at, again and again: ${JSON.stringify(schema)}`,
        oftenAsked(schema),
        { data: Array(20_000).fill(1) },
      ],
    ),
    ...[
      { minProperties: 1 },
      { propertyNames: true },
      { patternProperties: {} },
      { not: { additionalProperties: false } },
    ].map((schema): [string, object, unknown] => [
      `all members listed, again and again: ${JSON.stringify(schema)}`,
      oftenAsked(schema),
      { data: members },
    ]),
    ...[
      { allOf: Array(1_000).fill(true) },
      { anyOf: [...Array(1_000).fill(false), true] },
      { dependentSchemas: Object.fromEntries(Object.keys(members).map((name) => [name, true])) },
    ].map((schema): [string, object, unknown] => [
      `a long list that asks for nothing, again and again: ${JSON.stringify(schema).slice(0, 30)}`,
      oftenAsked(schema),
      { data: {} },
    ]),
    ['a loop below the root', { properties: { data: { $ref: '#/properties/data' } } }, { data: 1 }],
  ])('%s', (_, schema, event) => {
    expect(JSON.stringify(schema).length).toBeLessThan(32 * 1024)
    expect(findSchemaFaults(schema)).toEqual([])
    const budget = createSchemaBudget()
    const before = budget.steps
    const faults = createActionSchema(JSON.stringify(schema)).findFaults(event, budget)
    expect(faults).toEqual([
      { pointer: '', detail: expect.stringContaining('the schema of its action has to be simpli') },
    ])
    expect(before - budget.steps).toBeLessThan(600_000)
  })

  test('and so do the events of one request together', () => {
    const schema = createActionSchema(
      JSON.stringify({ properties: { data: { items: { maximum: 5 } } } }),
    )
    const budget = createSchemaBudget()
    const event = { data: Array(50_000).fill(1) }
    const counts = Array.from({ length: 300 }, () => schema.findFaults(event, budget))
    expect(counts[0]).toEqual([])
    expect(counts.at(-1)).toEqual([
      { pointer: '', detail: expect.stringContaining('send fewer at once') },
    ])
    expect(budget.steps).toBe(0)
  })

  test('and so do schemas made anew for one event after another', () => {
    const find = createSchemaFinder({
      // More of them than are kept.
      lookUp: (_, action) => ({
        schema: JSON.stringify({ pattern: `(${action}){900}`, type: 'string' }),
      }),
    })
    const budget = createSchemaBudget()
    let made = 0
    while (budget.steps > 0 && made < 1_000) find('acme', `a${made++}`, budget)
    expect(made).toBeLessThan(200)
    const [fault] = find('acme', 'another', budget)?.findFaults({}, budget) ?? []
    expect(fault?.detail).toContain('send fewer at once')
    // What is kept costs nothing more.
    const next = createSchemaBudget()
    const before = next.steps
    find('acme', `a${made - 1}`, next)
    expect(next.steps).toBe(before)
  })
})
