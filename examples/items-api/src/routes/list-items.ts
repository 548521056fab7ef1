import { Type } from '@fastify/type-provider-typebox'
import { bearer } from '../http/api-docs.ts'
import type { Guard } from '../http/authenticate.ts'
import type { App } from '../http/fastify.ts'
import { problemResponses } from '../http/problems.ts'
import type { Items } from '../store/items.ts'
import { describeItem, itemSchema } from './item-schema.ts'

const querystring = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.Integer({ minimum: 1, description: 'The "next" of a page.' })),
  },
  { additionalProperties: false },
)

const page = Type.Object(
  {
    items: Type.Array(itemSchema),
    next: Type.Union([Type.Integer(), Type.Null()], {
      description: 'null: this is the last page.',
    }),
  },
  { description: 'A page of items.' },
)

/** By keyset: a page neither repeats nor skips what others make meanwhile. */
export function registerListItems(
  app: App,
  options: { readonly items: Items; readonly guard: Guard },
): void {
  const { items, guard } = options
  app.get(
    '/items/',
    {
      preParsing: guard.requireUser,
      schema: {
        operationId: 'listItems',
        summary: 'List items, newest first',
        tags: ['items'],
        security: bearer,
        querystring,
        response: { 200: page, ...problemResponses(400, 401) },
      },
    },
    async ({ query: { limit = 20, cursor } }) => {
      const found = items.list({ before: cursor, limit: limit + 1 })
      const shown = found.slice(0, limit)
      const last = found.length > limit ? shown.at(-1) : undefined
      return { items: shown.map(describeItem), next: last?.id ?? null }
    },
  )
}
