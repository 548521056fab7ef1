import { limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../base/refusal.ts'
import { rootFields, shortForms } from '../../query/fields.ts'
import type { App } from '../app.ts'
import { callerOf, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'
import type { ReadParts } from '../read-parts.ts'
import {
  FilterParameters,
  openQuery,
  readChoice,
  readFilters,
  readInteger,
  readOne,
  readParameters,
} from '../read-request.ts'

const Count = Type.Integer({ minimum: 0 })
const complete = Type.Boolean({ description: 'False if older entries were left out.' })

const histogramSchema = {
  ...document(
    { tags: ['events'], summary: 'Count events over time' },
    {
      200: Type.Object({
        interval: Type.String(),
        complete,
        buckets: Type.Array(
          Type.Object({
            time: Type.String(),
            count: Count,
            values: Type.Optional(Type.Record(Type.String(), Count)),
          }),
        ),
      }),
    },
    ['query-invalid', 'request-invalid'],
  ),
  querystring: Type.Object(
    {
      ...FilterParameters,
      interval: Type.Optional(
        Type.Unknown({ description: 'minute, hour (default), day or month.' }),
      ),
      by: Type.Optional(Type.Unknown({ description: 'Break each bucket down by this field.' })),
    },
    openQuery,
  ),
}

const valuesSchema = {
  ...document(
    {
      tags: ['events'],
      summary: 'Distinct values of a field',
      description: 'Most frequent first, for completion.',
    },
    {
      200: Type.Object({
        field: Type.String(),
        complete,
        values: Type.Array(Type.Object({ value: Type.String(), count: Count })),
      }),
    },
    ['query-invalid', 'request-invalid'],
  ),
  querystring: Type.Object(
    {
      ...FilterParameters,
      field: Type.Unknown({ description: 'A field path such as action or actor.id.' }),
      prefix: Type.Optional(Type.Unknown({ description: 'Only values that begin with it.' })),
      limit: Type.Optional(Type.Unknown({ description: `1 to ${limits.valuesMax}; default 100.` })),
    },
    openQuery,
  ),
}

/** `GET /v1/histogram` and `GET /v1/values` */
export function registerSummariseEvents(app: App, parts: ReadParts): void {
  const { authenticator, reader, readAudit } = parts
  const onRequest = authenticator.hook
  app.get('/v1/histogram', { schema: histogramSchema, onRequest }, async (request) => {
    const { tenants, query } = await readFilters(request, principalOf(request), parts)
    const interval = readChoice(request, 'interval', ['minute', 'hour', 'day', 'month']) ?? 'hour'
    const by = readField(request, 'by')
    const histogram = await reader.histogram({ tenants, query, interval, by })
    await readAudit.record(callerOf(request), {
      action: 'events.counted',
      tenants,
      query: readParameters(request),
    })
    return histogram
  })
  app.get('/v1/values', { schema: valuesSchema, onRequest }, async (request) => {
    const { tenants, query } = await readFilters(request, principalOf(request), parts)
    const field = readField(request, 'field')
    if (field === undefined) {
      throw new Refusal('query-invalid', { detail: 'The parameter "field" is missing.' })
    }
    const limit = readInteger(request, 'limit', { min: 1, max: limits.valuesMax }) ?? 100
    const prefix = readOne(request, 'prefix')
    const values = await reader.values({ tenants, query, field, prefix, limit })
    await readAudit.record(callerOf(request), {
      action: 'values.listed',
      tenants,
      query: readParameters(request),
    })
    return values
  })
}

/** A field path or short form. @throws Refusal `query-invalid`: a typo must not look like nothing */
function readField(request: FastifyRequest, parameter: string): string | undefined {
  const name = readOne(request, parameter)
  if (name === undefined || shortForms.has(name)) return name
  if (rootFields.has(name.split('.', 1)[0] ?? '')) return name
  throw new Refusal('query-invalid', {
    detail: `The parameter "${parameter}" takes a field such as action, actor.id or data.plan.`,
  })
}
