import { Type } from 'typebox'

/** One role, as requests name it; the words are those of scope.ts. */
export const Role = Type.Union([
  Type.Literal('admin'),
  Type.Literal('auditor'),
  Type.Literal('writer'),
])

/** One scope, as requests name it; the words are those of scope.ts. */
export const Scope = Type.Union([
  Type.Literal('append'),
  Type.Literal('read'),
  Type.Literal('export'),
  Type.Literal('admin'),
])
