import type { Entry } from '@indelible/protocol'

type Schema = { readonly [keyword: string]: unknown }

/** What redaction left of a value: what it was, an example can't tell. */
const mark = /\[(?:redacted|hash):/
/** A value that was a secret as a whole: whoever sent it had better not, and nobody is to have to. */
const secret = /^\[redacted:[^\]]*\]$/

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSecret = (value: unknown): boolean => typeof value === 'string' && secret.test(value)

/** What the service adds to each event by itself, unless it was submitted: not for a schema. */
const added: ReadonlySet<string> = new Set(['action', 'id', 'tenant', 'time', 'outcome'])

/** An event as it would be submitted anew. */
export function toSubmission({ event }: Entry): Record<string, unknown> {
  const { id, time, tenant, ...rest } = event
  return rest
}

/**
 * A schema to begin with: what the example has is asked for, with the type that it has there. What
 * differs from event to event by nature, where it came from and what changed, may be left out.
 */
export function deriveSchema(event: Readonly<Record<string, unknown>>): Schema {
  const names = Object.keys(event).filter((name) => !added.has(name))
  const properties = Object.fromEntries(names.map((name) => [name, derivePart(name, event[name])]))
  const required = names.filter((name) => !['actor', 'context', 'changes'].includes(name))
  return { ...(required.length === 0 ? {} : { required }), properties }
}

function derivePart(name: string, value: unknown): Schema {
  switch (name) {
    case 'actor':
      return deriveReference([value])
    case 'targets':
      return {
        type: 'array',
        minItems: 1,
        items: deriveReference(Array.isArray(value) ? value : []),
      }
    case 'context': {
      const { required: _, ...schema } = derive(value)
      return schema
    }
    case 'changes':
      return { type: 'object' }
    default:
      return derive(value)
  }
}

/** Who or what: of these types. */
function deriveReference(references: readonly unknown[]): Schema {
  const found = references.map((one) => (isObject(one) ? one.type : undefined))
  const types = [...new Set(found.filter((type) => typeof type === 'string'))]
  return types.length === 0 ? {} : { properties: { type: { enum: types } } }
}

function derive(value: unknown): Schema {
  if (value === null) return {}
  if (Array.isArray(value)) {
    const kinds = new Set(value.map((item) => JSON.stringify(derive(item))))
    const [first] = value
    return { type: 'array', ...(kinds.size === 1 ? { items: derive(first) } : {}) }
  }
  if (isObject(value)) {
    const names = Object.keys(value)
    const members = names.map((name) => [name, derive(value[name])])
    const required = names.filter((name) => !isSecret(value[name]))
    return {
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(members),
    }
  }
  if (typeof value === 'string') return mark.test(value) ? {} : { type: 'string' }
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' }
  return { type: typeof value }
}
