import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { checkInput } from '../check-input.ts'

/** What a person says of a user. */
export type ProfileFields = Static<typeof fieldsSchema>

/** A user's profile, as it is kept and answered. */
export interface Profile extends ProfileFields {
  readonly id: string
  /** One more with each change. */
  readonly version: number
  /** RFC 3339, as the next. */
  readonly created_at: string
  readonly updated_at: string
}

const fieldsSchema = Type.Object(
  {
    // Code points, as PostgreSQL counts them. No control characters, no lone surrogates: the one
    // forges lines of diagnostics, and the other PostgreSQL would replace.
    name: Type.String({ pattern: /^(?=.*[\p{L}\p{N}])[^\p{Cc}\p{Cs}]{1,100}$/u }),
    // ASCII, so that lower() is the same in every locale.
    email: Type.String({
      format: 'email',
      pattern: /^(?=.{3,254}$)[^"@\s]{1,64}@[^@\s]+\.[^@\s]+$/,
    }),
  },
  { additionalProperties: false },
)
const fieldRules = {
  name: 'Text of 1 to 100 characters, a letter or digit among them, no control characters.',
  email: 'An address such as zoe@example.com, of at most 254 characters.',
}
const fields = Compile(fieldsSchema)

/**
 * Reads a profile's fields from a request's body; white space around them is dropped.
 * @throws Refusal `input-invalid`, with every fault by field
 */
export function parseProfileFields(body: unknown): ProfileFields {
  const input = isObject(body)
    ? Object.fromEntries(Object.entries(body).map(([name, value]) => [name, trim(value)]))
    : body
  checkInput(fields, fieldRules, input)
  return input as ProfileFields // just checked
}

/** What the trail keeps of a profile: what a person has said of the user. */
export const describeProfile = ({ name, email }: Profile): ProfileFields => ({ name, email })

const trim = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
