import { type Static, Type } from 'typebox'

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Count = Type.Integer({ minimum: 0 })
const Verdict = (description: string) => Type.Union([Type.Boolean(), Type.Null()], { description })

/** One thing that an audit found to be wrong, and where. */
export const AuditFinding = Type.Object({
  tenant: orNull(Type.String()),
  index: Type.Union([Count, Type.Null()], { description: 'The entry; the first of several.' }),
  until: Type.Union([Count, Type.Null()], { description: 'Exclusive end of the entries.' }),
  code: Type.String(),
  detail: Type.String(),
})
export type AuditFinding = Static<typeof AuditFinding>

/** One log in the last audit. */
export const AuditedLog = Type.Object({
  tenant: Type.String(),
  size: Type.Integer({ minimum: 0, description: 'Entries that were audited.' }),
  findings: Count,
  ok: Verdict('Null: the audit could not say.'),
})
export type AuditedLog = Static<typeof AuditedLog>

/** How the service's audits of itself stand. */
export const AuditState = Type.Object({
  everyHours: Type.Number({ minimum: 0, description: '0: only when it is asked for.' }),
  next: Type.Union([Type.String(), Type.Null()], { description: 'RFC 3339.' }),
  running: Type.Union(
    [
      Type.Object({
        started: orNull(Type.String()),
        progress: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
          description: 'Null: another node audits.',
        }),
      }),
      Type.Null(),
    ],
    { description: 'Null: none is under way.' },
  ),
  last: Type.Union([
    Type.Object({
      started: Type.String(),
      ended: Type.String(),
      ok: Verdict('Of the logs that the caller may read.'),
      entries: Count,
      findings: Count,
      found: Type.Array(AuditFinding, { description: 'Some of the findings, of each log.' }),
      logs: Type.Array(AuditedLog),
    }),
    Type.Null(),
  ]),
  fault: Type.Union([Type.Object({ time: Type.String(), detail: Type.String() }), Type.Null()], {
    description: 'Why the last attempt came to no end: it says nothing of the logs.',
  }),
})
export type AuditState = Static<typeof AuditState>
