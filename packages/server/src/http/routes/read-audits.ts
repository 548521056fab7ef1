import type { AuditedLog } from '@indelible/protocol'
import { AuditState } from '@indelible/protocol/schema'
import { attribute } from '../../admin/caller.ts'
import { assertCovers, assertScope, covers, type Principal } from '../../admin/principal.ts'
import { formatTime } from '../../base/clock.ts'
import type { AuditSummary } from '../../verify/audit-summary.ts'
import type { SelfAudit } from '../../verify/self-audit.ts'
import type { App } from '../app.ts'
import { type Authenticator, callerOf, principalOf } from '../authenticate.ts'
import { document } from '../documented.ts'

const readSchema = document(
  {
    tags: ['proof'],
    summary: 'Tell how the service’s audits of itself stand',
    description: 'The last result for the logs that the caller may read, and when the next comes.',
  },
  { 200: AuditState },
  [],
)
const startSchema = document(
  {
    tags: ['proof'],
    summary: 'Start an audit of everything that is kept',
    description:
      'Needs the scope `admin` for `*`. Where one is under way, it goes on and none is added. ' +
      'The result is an entry of `_system`.',
  },
  { 202: AuditState },
  ['pushback'],
)

/** `GET /v1/audits` and `POST /v1/audits` */
export function registerReadAudits(
  app: App,
  options: { readonly authenticator: Authenticator; readonly selfAudit: SelfAudit },
): void {
  const { authenticator, selfAudit } = options
  const onRequest = authenticator.hook
  app.get('/v1/audits', { schema: readSchema, onRequest }, async (request) => {
    const principal = principalOf(request)
    assertScope(principal, 'read')
    return describe(selfAudit, principal)
  })
  app.post('/v1/audits', { schema: startSchema, onRequest }, async (request, reply) => {
    const caller = callerOf(request)
    assertScope(caller.principal, 'admin')
    assertCovers(caller.principal, '*')
    if (!(await selfAudit.isElsewhere())) await selfAudit.request(attribute(caller))
    return reply.code(202).send(await describe(selfAudit, caller.principal))
  })
}

async function describe(selfAudit: SelfAudit, principal: Principal): Promise<AuditState> {
  const { everyMs, running, last, growth, next, fault } = selfAudit.state()
  const isElsewhere = running === undefined && (await selfAudit.isElsewhere())
  return {
    everyHours: everyMs / 3_600_000,
    next: next === undefined ? null : formatTime(next),
    running:
      running === undefined
        ? isElsewhere
          ? { started: null, progress: null }
          : null
        : {
            started: formatTime(running.started),
            progress: running.total === 0 ? 0 : running.done / running.total,
          },
    last: last === undefined ? null : describeLast(last, principal),
    growth: growth === undefined ? null : formatTime(growth.ended),
    fault:
      fault === undefined || !covers(principal, '*')
        ? null
        : { time: formatTime(fault.time), detail: fault.detail },
  }
}

/** What the caller may know of it: a finding in one log is not a matter of others. */
function describeLast(summary: AuditSummary, principal: Principal): AuditState['last'] {
  const isWide = covers(principal, '*')
  const logs = summary.logs
    .filter(({ tenant }) => covers(principal, tenant))
    .map(({ tenant, size, findings }) => {
      const unfound = summary.isWhole ? true : null
      return { tenant, size, findings, ok: findings > 0 ? false : unfound }
    })
  const found = summary.found.filter(({ tenant }) =>
    tenant === undefined ? isWide : covers(principal, tenant),
  )
  // A finding may name an event by its id: not to those who are shown a part of the log.
  const told = principal.filter === undefined ? found : []
  const sum = (count: (log: (typeof logs)[number]) => number) =>
    logs.reduce((total, log) => total + count(log), 0)
  return {
    started: formatTime(summary.started),
    ended: formatTime(summary.ended),
    ok: isWide ? summary.findings === 0 : judge(logs, found.length),
    entries: isWide ? summary.entries : sum(({ size }) => size),
    findings: isWide ? summary.findings : sum(({ findings }) => findings),
    found: told.map(({ tenant = null, index = null, until = null, code, detail }) => ({
      ...{ tenant, index, until, code, detail },
    })),
    logs,
  }
}

/** A log that is missing has findings and is none of the logs. */
function judge(logs: readonly AuditedLog[], found: number): boolean | null {
  if (found > 0 || logs.some(({ ok }) => ok === false)) return false
  return logs.length === 0 || logs.some(({ ok }) => ok === null) ? null : true
}
