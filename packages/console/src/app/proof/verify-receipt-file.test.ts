import type { Receipt } from '@indelible/proof'
import { expect, test } from 'vitest'
import {
  cosigner,
  exampleParts,
  exampleReceipt,
  log,
  origin,
  receiptOf,
} from '../../../../proof/test/example.ts'
import { createSigner } from '../../../../proof/test/signer.ts'
import type { Pin } from './pins.ts'
import type { Check } from './report.ts'
import { verifyReceiptFile } from './verify-receipt-file.ts'

const pin: Pin = {
  ...{ tenant: 'default', origin, vkey: log.vkey, cosigner: cosigner.cosignerVkey },
  pinned: '2026-11-20T08:00:00.000Z',
}
const findPin = (named: string) => (named === origin ? pin : undefined)
const verify = (receipt: Receipt | string, find: typeof findPin = findPin) =>
  verifyReceiptFile(typeof receipt === 'string' ? receipt : JSON.stringify(receipt), find)

test('a receipt is verified against the pinned key, and tells what it proves', async () => {
  const { report, proven } = await verify(exampleReceipt)
  expect(report.status).toBe('verified')
  expect(report.results.map(({ check, status }) => [check, status])).toEqual(
    ['file', 'key', 'parts', 'signature', 'inclusion'].map((check) => [check, 'passed']),
  )
  expect(report.facts).toMatchObject({ tenant: 'default', index: 4, size: 7 })
  expect(proven?.event).toMatchObject({ id: 'e-1', actor: { id: 'u_1' } })
})

test('parts that were left out are told as such, and the others still hold', async () => {
  const { actor: _, ...parts } = exampleReceipt.parts
  const { report } = await verify({ ...exampleReceipt, parts })
  expect(report).toMatchObject({ status: 'verified', facts: { undisclosed: ['actor'] } })
})

const altered = (change: (text: string) => string): string => change(JSON.stringify(exampleReceipt))
const otherKey = { ...pin, vkey: createSigner(origin, 9).vkey }

test.each<[string, Receipt | string, Check, typeof findPin]>([
  ['is no JSON', 'x', 'file', findPin],
  ['is something else', '{"format":"indelible-receipt/v2"}', 'file', findPin],
  ['names a member twice', altered((text) => text.replace('{', '{"format":"x",')), 'file', findPin],
  ['is of a log that was never seen', exampleReceipt, 'key', () => undefined],
  ['has an altered part', altered((text) => text.replace('u_1', 'u_2')), 'parts', findPin],
  [
    'has another entry',
    { ...exampleReceipt, entry: receiptOf({ core: exampleParts.core }).entry, parts: {} },
    'inclusion',
    findPin,
  ],
  ['has another size', altered((text) => text.replace('\\n7\\n', '\\n8\\n')), 'signature', findPin],
  ['is signed by another key', exampleReceipt, 'signature', () => otherKey],
])('what %s is refused, by the check that it fails', async (_, receipt, check, find) => {
  const { report, proven } = await verify(receipt, find)
  expect(proven).toBeUndefined()
  expect(report.status).toBe('failed')
  const failed = report.results.filter(({ status }) => status === 'failed')
  expect(failed.map((one) => one.check)).toEqual([check])
})
