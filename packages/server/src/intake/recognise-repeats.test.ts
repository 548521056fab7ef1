import type { Head } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { hasSameContent } from '../ledger/same-content.ts'
import type { AdmittedEvent } from '../store/store.ts'
import { createAdmission } from './admit.ts'
import { toParts } from './event-parts.ts'
import { createRepeatAppend } from './recognise-repeats.ts'
import { createRulebook } from './rulebook.ts'

const now = Date.UTC(2026, 10, 20, 12)
const rulebook = createRulebook({ hashSecret: 'test' })
const { admit } = createAdmission({ clock: () => now, createId: String, redactor: rulebook })
const kept = {
  ...{ action: 'a.b', id: 'e-1', outcome: 'success', tenant: 'default' },
  ...{ time: '2026-11-20T12:00:00.000Z', actor: { type: 'user', id: 'u_1' } },
  ...{ context: { region: 'eu' }, data: { note: 'of CASE-1' } },
}
const rule = { name: 'case-number', pattern: 'CASE-*', action: 'mask' } as const

/** The ledger's rule, for one kept entry: the same content is a duplicate, else a conflict. */
async function append([event]: readonly AdmittedEvent[]): Promise<Head[]> {
  if (event !== undefined && hasSameContent(event, toParts(kept))) return []
  const errors = [{ pointer: '/id', detail: '' }]
  throw new Refusal('idempotency-conflict', { detail: '', errors })
}

function repeat(
  receivedMs: number,
  changedAt: number | undefined,
  more: { readonly context?: object } = {},
): Promise<Head[]> {
  const received = new Date(receivedMs).toISOString()
  const { strip } = rulebook
  const readKept = async () => ({ received, event: kept })
  const repeatAppend = createRepeatAppend({ append, readKept, strip, changedAt: () => changedAt })
  rulebook.use({ rules: [rule], switchedOff: [], former: [] })
  const { action, id, actor, context, data } = kept
  const sent = { action, id, actor, context, data, ...more }
  return repeatAppend(admit([sent], { shape: 'single', resolveTenant: () => 'default' }))
}

test('what was kept before the latest change of a rule is compared without what rules take', async () => {
  expect(await repeat(now - 60_000, now)).toEqual([])
  // A node may have learnt of the change a little later.
  expect(await repeat(now + 1_000, now)).toEqual([])
})

test('what is sent again so late that it is marked as backfilled is a repeat there too', async () => {
  const late = { region: 'eu', backfilled: true }
  expect(await repeat(now - 60_000, now, { context: late })).toEqual([])
  const other = repeat(now - 60_000, now, { context: { ...late, region: 'us' } })
  await expect(other).rejects.toMatchObject({ code: 'idempotency-conflict' })
})

test('what was kept after the latest change, and where there was none, is compared in full', async () => {
  await expect(repeat(now + 60_000, now)).rejects.toMatchObject({ code: 'idempotency-conflict' })
  await expect(repeat(now, undefined)).rejects.toMatchObject({ code: 'idempotency-conflict' })
})
