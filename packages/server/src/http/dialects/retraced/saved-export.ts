import { isObject, membersOf } from '../../../base/json-object.ts'
import { Refusal } from '../../../base/refusal.ts'
import { crudLetters } from '../../../intake/dialects/retraced.ts'
import type { Parameters } from '../../../query/parameters.ts'
import { combine } from '../../../query/query.ts'
import { formatContentId, parseContentId, refuseExport } from '../content-id.ts'
import { crudTerm, intersect, parseSearchText, type RetracedQuery } from './search-text.ts'

/** What a path can hold of it (routerOptions.maxParamLength in app.ts). */
const idCharsMax = 512
const showMembers = { c: 'showCreate', r: 'showRead', u: 'showUpdate', d: 'showDelete' } as const

/**
 * What the viewer asks for before it fetches a CSV: the id is the search.
 * @throws Refusal `request-invalid`
 */
export function createExportId(body: unknown): string {
  const { exportBody } = membersOf(body)
  if (!isObject(exportBody)) {
    throw new Refusal('request-invalid', { detail: 'An export has an object "exportBody".' })
  }
  const { searchQuery, startTime, endTime, ...shown } = exportBody
  const letters = Object.entries(showMembers).flatMap(([letter, name]) =>
    shown[name] === false ? [] : [letter],
  )
  const isAll = letters.length === crudLetters.length
  const search = {
    q: typeof searchQuery === 'string' ? searchQuery : '',
    ...(isAll ? {} : { crud: letters }),
    ...(typeof startTime === 'number' ? { since: startTime } : {}),
    ...(typeof endTime === 'number' ? { until: endTime } : {}),
  }
  const id = formatContentId(search)
  if (id.length <= idCharsMax) return id
  throw new Refusal('request-invalid', {
    detail: 'The search is too long to be exported from here.',
  })
}

/**
 * The search that an id is; `asked` is what may be kept of it, once it is redacted.
 * @throws Refusal `resource-unknown`; `query-invalid` where its query is faulty
 */
export function readExportId(
  id: string,
  now: number,
): RetracedQuery & { readonly asked: Parameters } {
  const content = parseContentId(id)
  if (!isObject(content)) throw refuseExport()
  const { q, crud, since, until } = content
  const text = typeof q === 'string' ? q : ''
  const { query, received } = parseSearchText(text, now)
  const span = {
    ...(typeof since === 'number' ? { since } : {}),
    ...(typeof until === 'number' ? { until } : {}),
  }
  // An id is whatever its sender wrote: what is no letter must not widen the search.
  const letters = Array.isArray(crud) ? crud.map((one) => (typeof one === 'string' ? one : '')) : []
  const terms = Array.isArray(crud) ? [crudTerm(letters)] : []
  const asked = { q: text, ...(terms.length === 0 ? {} : { crud: letters.join() }) }
  return { query: combine(query, { terms }), received: intersect(received, span), asked }
}
