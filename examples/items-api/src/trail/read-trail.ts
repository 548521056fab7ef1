import { setTimeout } from 'node:timers/promises'
import { type Static, Type } from '@fastify/type-provider-typebox'
import { type Client, ClientError, type Entry } from '@indelible/client'
import { refuseFields } from '../http/problems.ts'
import { Refusal } from '../refusal.ts'

/** One line of the trail, as admins see it. */
export const trailLine = Type.Object({
  id: Type.String(),
  time: Type.String({ format: 'date-time' }),
  user: Type.Union([Type.String(), Type.Null()], { description: 'null: nobody logged in.' }),
  verified: Type.Boolean({ description: 'false: who a failed log-in claimed to be.' }),
  action: Type.String({ examples: ['items.create'] }),
  outcome: Type.String({ description: 'success, denied, failure, or unknown.' }),
  endpoint: Type.Union([Type.String(), Type.Null()]),
  method: Type.Union([Type.String(), Type.Null()]),
  status: Type.Union([Type.Integer(), Type.Null()]),
  payload: Type.Unknown({ description: 'What was sent, without secrets.' }),
  targets: Type.Array(Type.Object({ type: Type.String(), id: Type.String() })),
  ip: Type.Union([Type.String(), Type.Null()]),
  request: Type.Union([Type.String(), Type.Null()]),
  index: Type.Integer({ description: 'Its place in the log.' }),
  hash: Type.String({ description: 'What its proof begins with.' }),
})
export type TrailLine = Static<typeof trailLine>

export interface TrailQuery {
  readonly user?: string
  readonly action?: string
  readonly since?: string
  readonly until?: string
  readonly cursor?: string
  readonly limit?: number
}

export interface TrailPage {
  readonly entries: TrailLine[]
  readonly next: string | null
}

/** A disk that is busy may take a second or two to sync what an admin looks for. */
const flushMsMax = 5_000

/**
 * A page of the trail, newest first.
 * @throws Refusal `request-invalid` for a cursor or filter that Indelible refuses; `audit-unavailable`
 */
export async function readTrail(audit: Client, query: TrailQuery): Promise<TrailPage> {
  const { user, ...filters } = query
  // So that an admin finds what was done a moment ago; what is away for longer must not hold this up.
  await Promise.race([audit.flush(), setTimeout(flushMsMax, undefined, { ref: false })])
  try {
    const page = await audit.search({ ...filters, 'actor.id': user })
    return { entries: page.entries.map(describeEntry), next: page.next }
  } catch (error) {
    return answerFault(error)
  }
}

function answerFault(error: unknown): TrailPage {
  if (!(error instanceof ClientError)) throw error
  switch (error.code) {
    // The first event of all makes the log.
    case 'log-unknown':
      return { entries: [], next: null }
    case 'cursor-invalid':
      throw refuseFields([{ field: 'cursor', detail: 'is not the "next" of a page like this' }])
    case 'query-invalid':
      throw refuseFields([{ field: 'querystring', detail: error.message }])
  }
  if (!error.isTransient) throw error
  throw new Refusal('audit-unavailable', 'The audit log does not answer now. Nothing is lost.')
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function describeEntry({ index, hash, event }: Entry): TrailLine {
  const { id, time, actor, action, outcome, context = {}, data = {}, targets = [] } = event
  const isAnonymous = actor === undefined || actor.type === 'anonymous'
  return {
    id,
    time,
    user: isAnonymous ? null : actor.id,
    verified: !isAnonymous && actor.type !== 'unverified',
    action,
    outcome,
    endpoint: textOrNull(data.endpoint),
    method: textOrNull(context.method),
    status: typeof data.status === 'number' ? data.status : null,
    payload: data.payload ?? null,
    targets: targets.map(({ type = '', id: target }) => ({ type, id: target })),
    ip: textOrNull(context.ip),
    request: textOrNull(context.request),
    index,
    hash,
  }
}
