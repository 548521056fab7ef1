import { type Static, Type } from 'typebox'

export const Fault = Type.Object({
  pointer: Type.String({ description: 'RFC 6901 JSON pointer of the faulty member.' }),
  detail: Type.String(),
})
/** One fault of a request: where, and what is wrong there. */
export type Fault = Static<typeof Fault>

/** RFC 9457 problem details, with our `code` and `errors`. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  errors: Type.Optional(Type.Array(Fault)),
})
export type Problem = Static<typeof Problem>
