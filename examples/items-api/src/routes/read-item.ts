import { Type } from '@fastify/type-provider-typebox'
import { bearer } from '../http/api-docs.ts'
import type { Guard } from '../http/authenticate.ts'
import type { App } from '../http/fastify.ts'
import { problemResponses } from '../http/problems.ts'
import { Refusal } from '../refusal.ts'
import type { Items } from '../store/items.ts'
import { describeItem, itemSchema } from './item-schema.ts'

export function registerReadItem(
  app: App,
  options: { readonly items: Items; readonly guard: Guard },
): void {
  const { items, guard } = options
  app.get(
    '/items/:id',
    {
      preParsing: guard.requireUser,
      schema: {
        operationId: 'readItem',
        summary: 'Read an item',
        tags: ['items'],
        security: bearer,
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        response: { 200: itemSchema, ...problemResponses(400, 401, 404) },
      },
    },
    async ({ params: { id } }) => {
      const item = items.find(id)
      if (item === undefined) throw new Refusal('item-unknown', `There is no item ${id}.`)
      return describeItem(item)
    },
  )
}
