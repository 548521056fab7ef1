import { createHmac } from 'node:crypto'
import type { Directory } from '../admin/directory.ts'
import { put } from '../admin/records.ts'
import type { AuditSummary } from '../verify/audit-summary.ts'

const id = 'last-audit'

/**
 * Where the newest result of the service's audits is kept, for its next start and for the other
 * nodes. Sealed: whoever writes to the database could else put off the audit that finds it, by a
 * result that is well and that ended in the future. What is not ours counts as none, and so an
 * audit is due.
 */
export function createKeptResult(options: {
  readonly directory: Pick<Directory, 'setting'>
  readonly secret: Uint8Array
}) {
  const { directory, secret } = options
  const sealOf = (summary: object): string =>
    createHmac('sha256', secret).update(JSON.stringify(summary)).digest('base64url')
  let text: string | undefined
  let known: AuditSummary | undefined

  function parse(value: string): AuditSummary | undefined {
    try {
      const { seal, ...summary } = JSON.parse(value)
      return seal === sealOf(summary) ? summary : undefined
    } catch {
      return undefined
    }
  }

  return {
    /** Parses it when it changes, not whenever somebody asks. */
    read(): AuditSummary | undefined {
      const value = directory.setting(id)?.value
      if (typeof value !== 'string') return undefined
      if (value !== text) known = parse(value)
      text = value
      return known
    },
    change: (summary: AuditSummary) =>
      put('setting', id, { id, value: JSON.stringify({ ...summary, seal: sealOf(summary) }) }),
  }
}
