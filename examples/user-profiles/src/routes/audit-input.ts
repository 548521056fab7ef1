import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { checkInput } from '../check-input.ts'
import { type ChangeFilter, type Operation, operations } from '../trail/read-changes.ts'

const limitDefault = 20
const instant = Type.Refine(
  Type.String({
    pattern: /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/,
  }),
  (text) => !Number.isNaN(Date.parse(String(text))),
)
const query = Compile(
  Type.Object(
    {
      user: Type.Optional(Type.String({ pattern: /^[1-9]\d{0,17}$/ })),
      actor: Type.Optional(Type.String({ pattern: /^[\w.@-]{1,64}$/ })),
      operation: Type.Optional(Type.String({ pattern: /^(?:create|update|delete)$/i })),
      outcome: Type.Optional(Type.String({ pattern: /^(?:success|denied|failure|unknown)$/ })),
      since: Type.Optional(instant),
      until: Type.Optional(instant),
      cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
      limit: Type.Optional(Type.String({ pattern: /^(?:[1-9]\d?|100)$/ })),
    },
    { additionalProperties: false },
  ),
)
const rules = {
  user: 'The id of a user.',
  actor: 'The name of an operator.',
  operation: `One of ${operations.join(', ')}.`,
  outcome: 'One of success, denied, failure, unknown.',
  since: 'A day, or an instant of RFC 3339 such as 2026-11-01T09:30:00Z; included.',
  until: 'A day, or an instant of RFC 3339 such as 2026-11-01T09:30:00Z; excluded.',
  cursor: 'The `next` of a page of the same filters.',
  limit: '1 to 100.',
}

/** @throws Refusal `input-invalid` */
export function parseChangeFilter(input: unknown): ChangeFilter {
  checkInput(query, rules, input)
  // Just checked: texts, of these names.
  const { operation, limit, ...rest } = input as Record<string, string>
  return {
    ...rest,
    limit: Number(limit ?? limitDefault),
    ...(operation === undefined ? {} : { operation: operation.toUpperCase() as Operation }), // checked
  }
}
