import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { checkInput } from '../check-input.ts'
import { Refusal } from '../refusal.ts'

const limitDefault = 20
/** Well within a bigint. */
const idPattern = /^[1-9]\d{0,17}$/

/** @throws Refusal `input-invalid` */
export function parseUserId(id: unknown): string {
  if (typeof id === 'string' && idPattern.test(id)) return id
  const faults = [{ field: 'id', detail: 'A whole number above 0.' }]
  throw new Refusal('input-invalid', 'This can’t be the id of a user.', faults)
}

const listQuery = Compile(
  Type.Object(
    {
      limit: Type.Optional(Type.String({ pattern: /^(?:[1-9]\d?|100)$/ })),
      cursor: Type.Optional(Type.String({ pattern: /^u[1-9]\d{0,17}$/ })),
    },
    { additionalProperties: false },
  ),
)
const listRules = { limit: '1 to 100.', cursor: 'The `next` of the page before.' }

/** @throws Refusal `input-invalid` */
export function parseListQuery(query: unknown): { readonly after: string; readonly limit: number } {
  checkInput(listQuery, listRules, query)
  const { limit, cursor } = query as { limit?: string; cursor?: string } // just checked
  return { after: cursor?.slice(1) ?? '0', limit: Number(limit ?? limitDefault) }
}

export const formatCursor = (id: string): string => `u${id}`

/**
 * The versions of an `If-Match` (RFC 9110 §13.1.1), compared strongly: a weak tag matches nothing.
 * @returns undefined for `*`, which any version matches
 */
export function parseIfMatch(header: string): readonly number[] | undefined {
  if (header.trim() === '*') return undefined
  return header
    .split(',')
    .map((tag) => /^"(\d{1,9})"$/.exec(tag.trim())?.[1])
    .flatMap((version) => (version === undefined ? [] : [Number(version)]))
}
