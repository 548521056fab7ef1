import { type Static, Type } from '@fastify/type-provider-typebox'
import type { Item } from '../store/items.ts'

const priceMax = 10_000_000

/** Within what a floating point number tells apart, up to the greatest price. */
const isWholeCents = (price: number): boolean =>
  Math.abs(price * 100 - Math.round(price * 100)) < 1e-6

const isNotBlank = (text: string): boolean => text.trim() !== ''

export const newItemSchema = Type.Object(
  {
    name: Type.Refine(
      Type.String({ minLength: 1, maxLength: 200, examples: ['Lamp'] }),
      isNotBlank,
      () => 'must not be blank',
    ),
    description: Type.Optional(Type.String({ maxLength: 5_000, examples: ['Brass, 40 cm'] })),
    price: Type.Refine(
      Type.Number({
        minimum: 0,
        maximum: priceMax,
        description: 'With at most two decimals.',
        examples: [24.5],
      }),
      isWholeCents,
      () => 'must have at most two decimals',
    ),
  },
  { additionalProperties: false },
)

export const itemSchema = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    description: Type.Union([Type.String(), Type.Null()]),
    price: Type.Number(),
    owner: Type.String({ description: 'Username of who made it.' }),
    created: Type.String({ format: 'date-time' }),
  },
  { description: 'The item.' },
)

/** An item as the API shows it. */
export const describeItem = ({ priceCents, ...item }: Item): Static<typeof itemSchema> => ({
  ...item,
  price: priceCents / 100,
})
