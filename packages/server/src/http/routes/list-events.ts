import { limits } from '@indelible/protocol'
import { EntryPage } from '@indelible/protocol/schema'
import { Type } from 'typebox'
import type { App } from '../app.ts'
import { callerOf, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import type { ReadParts } from '../read-parts.ts'
import {
  FilterParameters,
  openQuery,
  readFilters,
  readLimit,
  readOne,
  readOrder,
  readParameters,
} from '../read-request.ts'

const schema = {
  ...document(
    {
      tags: ['events'],
      summary: 'Search events',
      description:
        'Newest first. Any field path is a parameter: `action=customer.*`, `actor.id=u_1`. A page ' +
        'may be short of its limit; `next` says whether there is more.',
    },
    { 200: EntryPage },
    ['query-invalid', 'cursor-invalid', 'request-invalid'],
  ),
  querystring: Type.Object(
    {
      ...FilterParameters,
      limit: Type.Optional(
        Type.Unknown({ description: `1 to ${limits.pageEntriesMax}; default 100.` }),
      ),
      cursor: Type.Optional(Type.Unknown({ description: '`next` of the page before.' })),
      order: Type.Optional(Type.Unknown({ description: '`desc` (default) or `asc`.' })),
    },
    openQuery,
  ),
}

/** `GET /v1/events` */
export function registerListEvents(app: App, parts: ReadParts): void {
  const route = { schema, onRequest: parts.authenticator.hook }
  app.get('/v1/events', route, async (request, reply) => {
    const filters = await readFilters(request, principalOf(request), parts)
    const cursor = readOne(request, 'cursor')
    const [limit, order] = [readLimit(request), readOrder(request)]
    const page = await parts.reader.search({
      ...filters,
      order,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    await parts.readAudit.record(callerOf(request), {
      action: 'events.searched',
      tenants: filters.tenants,
      query: readParameters(request),
    })
    if (page.next !== null) reply.header('link', `<${linkTo(request.url, page.next)}>; rel="next"`)
    reply.header('content-type', 'application/json; charset=utf-8')
    return reply.send(`{"entries":${page.entries},"next":${JSON.stringify(page.next)}}`)
  })
}

/** The same request, one page on; relative, because only the caller knows our outer address. */
function linkTo(url: string, cursor: string): string {
  const [path, query] = url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `${path}?${parameters}`
}
