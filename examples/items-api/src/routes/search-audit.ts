import { Type } from '@fastify/type-provider-typebox'
import type { Client } from '@indelible/client'
import { usernamePattern } from '../accounts/username.ts'
import { bearer } from '../http/api-docs.ts'
import type { Guard } from '../http/authenticate.ts'
import type { App } from '../http/fastify.ts'
import { problemResponses } from '../http/problems.ts'
import { readTrail, trailLine } from '../trail/read-trail.ts'

const isInstant = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) &&
  !Number.isNaN(Date.parse(text))

const instant = (description: string) =>
  Type.Optional(
    Type.Refine(
      Type.String({ description, examples: ['2026-11-01T12:00:00Z'] }),
      isInstant,
      () => 'must be a date, or a date and time with its zone',
    ),
  )

const querystring = Type.Object(
  {
    user: Type.Optional(Type.String({ pattern: usernamePattern.source })),
    action: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'items.* finds all that begin so.',
        examples: ['items.create'],
      }),
    ),
    since: instant('From then on.'),
    until: instant('Before then.'),
    cursor: Type.Optional(Type.String({ minLength: 1, description: 'The "next" of a page.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  { additionalProperties: false },
)

const page = Type.Object(
  {
    entries: Type.Array(trailLine),
    next: Type.Union([Type.String(), Type.Null()], { description: 'null: this is the last page.' }),
  },
  { description: 'A page of the trail.' },
)

/** The trail, for admins; who looked at it is in it, too. */
export function registerSearchAudit(
  app: App,
  options: { readonly audit: Client; readonly guard: Guard },
): void {
  const { audit, guard } = options
  app.get(
    '/audit',
    {
      preParsing: guard.requireAdmin,
      schema: {
        operationId: 'searchAudit',
        summary: 'Search the audit trail, newest first',
        tags: ['audit'],
        security: bearer,
        querystring,
        response: { 200: page, ...problemResponses(400, 401, 403, 503) },
      },
      config: {
        audit: {
          skip: ({ isTurnedAway }) => isTurnedAway,
          // Whatever a stranger asks for is not worth keeping.
          data: ({ user, query }) => (user?.role === 'admin' ? { query } : {}),
        },
      },
    },
    ({ query: { limit = 20, ...query } }) => readTrail(audit, { ...query, limit }),
  )
}
