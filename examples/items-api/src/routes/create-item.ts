import { bearer } from '../http/api-docs.ts'
import { type Guard, userOf } from '../http/authenticate.ts'
import type { App } from '../http/fastify.ts'
import { problemResponses } from '../http/problems.ts'
import type { Items } from '../store/items.ts'
import { targetMade } from '../trail/trail-options.ts'
import { describeItem, itemSchema, newItemSchema } from './item-schema.ts'

export function registerCreateItem(
  app: App,
  options: { readonly items: Items; readonly guard: Guard; readonly clock: () => number },
): void {
  const { items, guard, clock } = options
  app.post(
    '/items/',
    {
      preParsing: guard.requireUser,
      schema: {
        operationId: 'createItem',
        summary: 'Make an item',
        tags: ['items'],
        security: bearer,
        body: newItemSchema,
        response: { 201: itemSchema, ...problemResponses(400, 401, 413, 415) },
      },
      config: { audit: targetMade },
    },
    async (request, reply) => {
      const { name, description = null, price } = request.body
      const item = items.add({
        name: name.trim(),
        description,
        priceCents: Math.round(price * 100),
        owner: userOf(request).username,
        created: new Date(clock()).toISOString(),
      })
      request.made = { type: 'items', id: String(item.id) }
      return reply.code(201).header('location', `/items/${item.id}`).send(describeItem(item))
    },
  )
}
