import { expect, test } from 'vitest'
import type { AuditSummary } from '../verify/audit-summary.ts'
import { createKeptResult } from './kept-result.ts'

const summary: AuditSummary = {
  ...{ started: 1_000, ended: 2_000, entries: 7, findings: 1, isWhole: true },
  found: [{ tenant: 'acme', index: 3, code: 'entry-changed', detail: 'Entry 3 was changed.' }],
  logs: [{ tenant: 'acme', origin: 'o', size: 7, findings: 1 }],
}

/** What one keeps, and another, perhaps of another secret, reads after somebody had the database. */
function readAfter(tamper: (text: string) => string, secret = new Uint8Array(32)) {
  const none = { directory: { setting: () => undefined }, secret: new Uint8Array(32) }
  const { value } = JSON.parse(createKeptResult(none).change(summary).value ?? '')
  const setting = () => ({ id: 'last-audit', value: tamper(value) })
  return createKeptResult({ directory: { setting }, secret }).read()
}

test('a result is read as it was kept', () => {
  expect(readAfter((text) => text)).toEqual(summary)
})

test('whoever writes to the database alone can not put off an audit, nor hide what one found', () => {
  const change = (members: object) =>
    readAfter((text) => JSON.stringify({ ...JSON.parse(text), ...members }))
  expect(change({})).toEqual(summary)
  expect(change({ ended: 4_000_000_000_000 })).toBeUndefined()
  expect(change({ findings: 0, found: [] })).toBeUndefined()
  expect(change({ seal: undefined })).toBeUndefined()
  expect(readAfter((text) => text, new Uint8Array(32).fill(1))).toBeUndefined()
  for (const text of ['', 'null', '{', '[]', '7']) expect(readAfter(() => text)).toBeUndefined()
})
