import { type Static, Type } from 'typebox'
import * as limits from './limits.ts'

/**
 * The event: what a caller submits (design §2). This is its only definition: the types, the
 * validator and OpenAPI are made from it. Unknown top-level members are refused; `actor`,
 * `targets[]`, `context` and `data` are open.
 */

const idPattern = '^(?!\\.{1,2}$)[A-Za-z0-9._:~@+=-]{1,128}$'
const tenantPattern = '^_?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'

export const EventId = Type.String({
  pattern: idPattern,
  maxLength: limits.idCharsMax,
  description: 'Idempotency key, unique in its tenant. Default: a UUIDv7.',
})

export const TenantName = Type.String({
  pattern: tenantPattern,
  maxLength: limits.tenantCharsMax,
  description: 'Whose log. Names that begin with _ are ours.',
})

export const Outcome = Type.Union(
  [
    Type.Literal('success'),
    Type.Literal('failure'),
    Type.Literal('denied'),
    Type.Literal('unknown'),
  ],
  { description: 'How it ended. Default: success.' },
)

const Reference = {
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  id: Type.String({ minLength: 1, maxLength: 2_048 }),
  name: Type.Optional(Type.String({ maxLength: 2_048 })),
}

export const Actor = Type.Object(
  {
    ...Reference,
    behalf: Type.Optional(
      Type.Array(Type.Object(Reference), {
        description: 'For whom: impersonation, or an agent acting for a person.',
      }),
    ),
    via: Type.Optional(
      Type.Object(Reference, {
        description: 'Through which key, session, job or tool.',
      }),
    ),
  },
  { description: 'Who. `type` defaults to `user`; more members are allowed.' },
)

export const Target = Type.Object(Reference, { description: 'On what.' })

const OpenObject = (description: string) =>
  Type.Record(Type.String(), Type.Unknown(), { description })

const text = (description: string) => Type.Optional(Type.String({ maxLength: 8_192, description }))

export const Context = Type.Object(
  {
    ip: text('Address it came from.'),
    agent: text('User agent.'),
    request: text('Request id.'),
    session: text('Session id.'),
    trace: text('Trace id.'),
    method: text('HTTP method.'),
    path: text('Path asked for.'),
  },
  { description: 'From where. More members are allowed.' },
)

export const Changes = Type.Object(
  {
    before: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
    after: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  },
  { additionalProperties: false, description: 'State before and after.' },
)

export const EventSubmission = Type.Object(
  {
    action: Type.String({
      minLength: 1,
      maxLength: limits.actionCharsMax,
      description: 'What was done, dotted and open-ended: customer.account.created',
    }),
    actor: Actor,
    targets: Type.Optional(Type.Array(Target, { maxItems: limits.targetsMax })),
    time: Type.Optional(
      Type.String({
        description: 'RFC 3339, when it happened; kept in UTC with milliseconds. Default: now.',
      }),
    ),
    tenant: Type.Optional(TenantName),
    id: Type.Optional(EventId),
    outcome: Type.Optional(Outcome),
    source: Type.Optional(
      Type.String({ maxLength: limits.sourceCharsMax, description: 'Which service says so.' }),
    ),
    context: Type.Optional(Context),
    changes: Type.Optional(Changes),
    data: Type.Optional(OpenObject('Anything else.')),
  },
  { additionalProperties: false },
)
export type EventSubmission = Static<typeof EventSubmission>

/** The event as kept: defaults filled, time normalised, redacted. */
export const KeptEvent = Type.Object({
  action: Type.String(),
  id: Type.String(),
  outcome: Outcome,
  source: Type.Optional(Type.String()),
  tenant: Type.String(),
  time: Type.String(),
  actor: Type.Optional(Actor),
  targets: Type.Optional(Type.Array(Target)),
  context: Type.Optional(Context),
  changes: Type.Optional(Changes),
  data: Type.Optional(OpenObject('Anything else.')),
})
export type KeptEvent = Static<typeof KeptEvent>

/** What an append answers for each event. */
export const Head = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  index: Type.Integer({ minimum: 0 }),
  received: Type.String({ description: 'RFC 3339 with milliseconds.' }),
  hash: Type.String({ description: 'Leaf hash, hex.' }),
  duplicate: Type.Optional(
    Type.Literal(true, { description: 'The same event was already kept; this is its head.' }),
  ),
})
export type Head = Static<typeof Head>

/** What every read returns: what the ledger says, beside exactly what was kept. */
export const Entry = Type.Object({
  tenant: Type.String(),
  index: Type.Integer({ minimum: 0 }),
  type: Type.String(),
  received: Type.String(),
  hash: Type.String(),
  event: KeptEvent,
  erased: Type.Optional(
    Type.Array(Type.Object({ part: Type.String(), by: Type.Integer({ minimum: 0 }) })),
  ),
})
export type Entry = Static<typeof Entry>

export const EntryPage = Type.Object({
  entries: Type.Array(Entry),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'Cursor of the next page; null at the end.',
  }),
})
export type EntryPage = Static<typeof EntryPage>

/** A key that signed a log before the one in use. */
export const FormerKeyInfo = Type.Object({
  generation: Type.Integer({ minimum: 0 }),
  vkey: Type.String({ description: 'Older checkpoints and receipts verify with it.' }),
  ended: Type.String({ description: 'RFC 3339.' }),
  signs: Type.Boolean({ description: 'Whether it signs beside `vkey`.' }),
  succession: Type.String({
    description: 'Both keys’ word that the next one follows, as a signed note.',
  }),
})
export type FormerKeyInfo = Static<typeof FormerKeyInfo>

/** One log's public facts. */
export const LogInfo = Type.Object({
  tenant: Type.String(),
  origin: Type.String({ description: 'The log’s name in its checkpoints.' }),
  vkey: Type.String({ description: 'C2SP signed-note verifier key of the log.' }),
  cosigner: Type.String({ description: 'Verifier key of this instance’s cosignature/v1.' }),
  size: Type.Integer({ minimum: 0 }),
  root: Type.String({ description: 'Root hash at `size`, hex.' }),
  checkpoint: Type.Union([
    Type.Object({ size: Type.Integer({ minimum: 0 }), time: Type.String() }),
    Type.Null(),
  ]),
  ended: Type.Optional(
    Type.Literal(true, {
      description: 'It ended when a backup was restored, and is neither appended to nor signed.',
    }),
  ),
  formerKeys: Type.Optional(
    Type.Array(FormerKeyInfo, {
      description: 'Keys before `vkey`, oldest first; left out where there is none.',
    }),
  ),
})
export type LogInfo = Static<typeof LogInfo>
