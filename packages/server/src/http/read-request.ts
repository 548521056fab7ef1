import { everyTenant, limits } from '@indelible/protocol'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { assertScope, type Principal } from '../admin/principal.ts'
import { resolveReadTenants } from '../admin/resolve-tenants.ts'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { parseQuery } from '../query/grammar.ts'
import { type Parameters, parseParameters } from '../query/parameters.ts'
import { combine, type Query } from '../query/query.ts'
import { listParameters } from './known-parameters.ts'

/** What a read asks for, narrowed to what its caller may see. */
export interface ReadRequest {
  readonly tenants: readonly string[]
  /** What cursors are bound to: `*` stays `*`, so that a new tenant does not end a search. */
  readonly boundTenants: readonly string[]
  readonly query: Query
}

/** Parameters of the grammar; what else a route documents is the route's own. */
const grammarParameters = new Set(['q', 'since', 'until'])

/** Filters that every read of events takes, for OpenAPI. */
export const FilterParameters = {
  tenant: Type.Optional(
    Type.Unknown({
      description: 'Whose log; `*`: every granted tenant. Default: the only one, or `default`.',
    }),
  ),
  q: Type.Optional(Type.Unknown({ description: 'A query in the search grammar.' })),
  since: Type.Optional(Type.Unknown({ description: 'Earliest `time`, included.' })),
  until: Type.Optional(Type.Unknown({ description: 'Latest `time`, excluded.' })),
}

/** A query string with any field path as a further parameter: `actor.id=u_1`, `data.plan=pro`. */
export const openQuery = { additionalProperties: true } as const

/**
 * Reads the filters of a request and narrows them by the caller's grant and filter.
 * @throws Refusal `scope-insufficient` `query-invalid` `request-invalid`
 */
export async function readFilters(
  request: FastifyRequest,
  principal: Principal,
  options: {
    readonly clock: Clock
    readonly listLogs: () => Promise<readonly { readonly tenant: string }[]>
    readonly scope?: 'read' | 'export'
  },
): Promise<ReadRequest> {
  assertScope(principal, options.scope ?? 'read')
  const parameters = readParameters(request)
  const named = parameters.tenant
  const spansAll = named === everyTenant
  const existing = spansAll ? (await options.listLogs()).map(({ tenant }) => tenant) : []
  const tenants = resolveReadTenants(principal, named, existing)
  const own = listParameters(request)
  // Every name that is not the route's own is a field of the event, or refused.
  const filters = Object.fromEntries(
    Object.entries(parameters).filter(
      ([name]) => grammarParameters.has(name) || !own.includes(name),
    ),
  )
  const query = narrow(principal, parseParameters(filters, options.clock()), options.clock())
  const boundTenants = spansAll ? [everyTenant, ...principal.tenants] : tenants
  return { tenants, boundTenants, query }
}

/** A viewer token's filter bears on whatever its holder asks. */
export function narrow(principal: Principal, query: Query, now: number): Query {
  return principal.filter === undefined ? query : combine(query, parseQuery(principal.filter, now))
}

/** Every parameter as sent, decoded; a repeated one is an array. */
export const readParameters = (request: FastifyRequest): Parameters => ({
  ...(request.query as Parameters), // as parseQueryString of app.ts makes it
})

/** One value of a parameter. @throws Refusal `query-invalid` where it is repeated */
export function readOne(request: FastifyRequest, name: string): string | undefined {
  const { [name]: value } = readParameters(request)
  if (value === undefined || typeof value === 'string') return value
  throw new Refusal('query-invalid', { detail: `The parameter "${name}" can be given only once.` })
}

/** A whole number within bounds. @throws Refusal `query-invalid` */
export function readInteger(
  request: FastifyRequest,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = readOne(request, name)
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= bounds.min && value <= bounds.max) return value
  throw new Refusal('query-invalid', {
    detail: `The parameter "${name}" must be a whole number from ${bounds.min} to ${bounds.max}.`,
  })
}

/** One of some words. @throws Refusal `query-invalid` */
export function readChoice<const Choice extends string>(
  request: FastifyRequest,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = readOne(request, name)
  if (text === undefined) return undefined
  const choice = choices.find((one) => one === text)
  if (choice !== undefined) return choice
  throw new Refusal('query-invalid', {
    detail: `The parameter "${name}" must be one of ${choices.join(', ')}.`,
  })
}

export const readLimit = (request: FastifyRequest): number =>
  readInteger(request, 'limit', { min: 1, max: limits.pageEntriesMax }) ?? limits.pageEntriesDefault

export const readOrder = (request: FastifyRequest): 'newest-first' | 'oldest-first' =>
  readChoice(request, 'order', ['asc', 'desc']) === 'asc' ? 'oldest-first' : 'newest-first'
