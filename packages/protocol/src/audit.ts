import { type Static, Type } from 'typebox'
import { orNull } from './or-null.ts'

const Count = Type.Integer({ minimum: 0 })
const Verdict = (description: string) => orNull(Type.Boolean(), description)

/** One thing that an audit found to be wrong, and where. */
export const AuditFinding = Type.Object({
  tenant: orNull(Type.String()),
  index: orNull(Count, 'The entry; the first of several.'),
  until: orNull(Count, 'Exclusive end of the entries.'),
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
  next: orNull(Type.String(), 'RFC 3339.'),
  running: orNull(
    Type.Object({
      started: orNull(Type.String()),
      progress: orNull(Type.Number({ minimum: 0, maximum: 1 }), 'Null: another node audits.'),
    }),
    'Null: none is under way.',
  ),
  last: orNull(
    Type.Object({
      started: Type.String(),
      ended: Type.String(),
      ok: Verdict('Of the logs that the caller may read.'),
      entries: Count,
      findings: Count,
      found: Type.Array(AuditFinding, { description: 'Some of the findings, of each log.' }),
      logs: Type.Array(AuditedLog),
    }),
  ),
  growth: orNull(
    Type.String(),
    'When what was appended since the last audit was last audited; null: not since the start.',
  ),
  fault: orNull(
    Type.Object({ time: Type.String(), detail: Type.String() }),
    'Why the last attempt came to no end: it says nothing of the logs.',
  ),
})
export type AuditState = Static<typeof AuditState>
