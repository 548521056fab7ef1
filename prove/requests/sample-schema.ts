import type { Random } from '@indelible/testkit'

/** Of JSON Schema, what the service's document uses of it. */
export interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
}

const words = ['a', 'order.paid', 'u_1', 'Zoë', 'x'.repeat(40), '203.0.113.7', 'core']

/** A value that the schema allows, but for formats and patterns, which it does not look at. */
export function sample(schema: JsonSchema, random: Random, depth = 0): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return random.pick(schema.enum)
  if (schema.anyOf !== undefined) return sample(random.pick(schema.anyOf), random, depth)
  switch (schema.type) {
    case 'object':
      return sampleObject(schema, random, depth)
    case 'array':
      return Array.from({ length: random.whole(4) }, () =>
        sample(schema.items ?? {}, random, depth + 1),
      )
    case 'string':
      return random.pick(words).slice(0, schema.maxLength)
    case 'integer':
    case 'number':
      return (schema.minimum ?? 0) + random.whole(10)
    case 'boolean':
      return random() < 0.5
    case 'null':
      return null
    default: // anything
      return random.pick<unknown>([1, 'a', true, null, { a: [1, { b: 'c' }] }, ['x', 2]])
  }
}

function sampleObject(schema: JsonSchema, random: Random, depth: number): object {
  const members = Object.entries(schema.properties ?? {})
  const chosen = members.filter(
    ([name]) => schema.required?.includes(name) === true || random() < 0.5 / (depth + 1),
  )
  return Object.fromEntries(chosen.map(([name, one]) => [name, sample(one, random, depth + 1)]))
}
