import { Type } from 'typebox'

/** One scope, as requests name it; the words are those of scope.ts. */
export const Scope = Type.Union([
  Type.Literal('append'),
  Type.Literal('read'),
  Type.Literal('export'),
  Type.Literal('admin'),
])
