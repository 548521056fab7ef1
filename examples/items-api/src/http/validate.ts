import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { FieldFault } from '../refusal.ts'

/**
 * Checks against TypeBox schemas. Bodies are taken as they are; in queries and paths, where all is
 * text, a plain decimal is an integer where one is wanted.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  return (value: unknown) => {
    const read = httpPart === 'body' ? value : readIntegers(schema, value)
    return compiled.Check(read) ? { value: read } : { error: compiled.Errors(read) }
  }
}

function readIntegers(schema: TSchema, value: unknown): unknown {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> } // an object's
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, text]) => {
      const isWanted = properties[name]?.type === 'integer'
      const isDecimal = typeof text === 'string' && /^-?\d{1,15}$/.test(text)
      return [name, isWanted && isDecimal ? Number(text) : text]
    }),
  )
}

/** Every fault of a request, each by the name of its field. */
export function listFaults(
  errors: readonly FastifySchemaValidationError[],
  part: string,
): FieldFault[] {
  return errors.flatMap(({ keyword, instancePath, params, message = 'is wrong' }) => {
    const path = instancePath.split('/').slice(1)
    const name = (...last: string[]) => [...path, ...last].join('.') || part
    const { requiredProperties, additionalProperties } = params
    if (Array.isArray(requiredProperties)) {
      return requiredProperties.map((missing) => ({ field: name(missing), detail: 'is required' }))
    }
    if (Array.isArray(additionalProperties)) {
      return additionalProperties.map((extra) => ({ field: name(extra), detail: 'is unknown' }))
    }
    // Says of each unknown field again that it is one.
    return keyword === 'boolean' ? [] : [{ field: name(), detail: message }]
  })
}
