import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cosignedAt,
  cosigner,
  entryOf,
  exampleParts,
  exampleReceipt,
  log,
  origin,
  receiptOf,
  stranger,
} from '../test/example.ts'
import { createSigner } from '../test/signer.ts'
import { type VerificationCode, VerificationError } from './error.ts'
import { verifyReceipt } from './receipt.ts'

const keys = [log.vkey, cosigner.cosignerVkey]

async function expectRefused(receipt: unknown, code: VerificationCode, pinned = keys) {
  const refusal = expect.objectContaining({ name: 'VerificationError', code })
  await expect(verifyReceipt(receipt, pinned)).rejects.toThrow(refusal)
}

test('a whole receipt verifies and gives back the event as it was kept', async () => {
  const verified = await verifyReceipt(exampleReceipt, keys)
  expect(verified).toMatchObject({
    ...{ origin, index: 4, size: 7, type: 'event', received: 1_795_205_460_123 },
    hash: '55179f3e6bf7c8da6d5ce91f935f9f85616fd686d60f8ceaeb6e2b8c98d1fabb',
    cosigned: [{ name: 'log.example', time: cosignedAt }],
    event: {
      ...{ action: 'customer.account.created', id: 'e-1', outcome: 'success', tenant: 'default' },
      time: '2026-11-20T20:11:00.123Z',
      actor: { id: 'u_1', name: 'Zoë', type: 'user' },
      data: { n: 9_007_199_254_740_991, plan: 'pro' },
    },
  })
  expect(verified.root).toMatch(/^[0-9a-f]{64}$/)
  expect(verified.parts).toEqual(
    Object.entries(exampleParts).map(([label, { text }]) => ({
      ...{ label, status: 'shown', text },
      value: JSON.parse(text),
    })),
  )
})

test('a receipt that survived a file verifies still', async () => {
  expect(await verifyReceipt(JSON.parse(JSON.stringify(exampleReceipt)), keys)).toEqual(
    await verifyReceipt(exampleReceipt, keys),
  )
})

test('parts left out are undisclosed; the others verify alone', async () => {
  const { core, data } = exampleReceipt.parts
  const onlyCore = await verifyReceipt({ ...exampleReceipt, parts: { core } }, keys)
  expect(onlyCore.parts.map(({ label, status }) => [label, status])).toEqual([
    ['actor', 'undisclosed'],
    ['core', 'shown'],
    ['data', 'undisclosed'],
  ])
  expect(onlyCore.event).not.toHaveProperty('actor')
  expect(onlyCore.event).toHaveProperty('action', 'customer.account.created')
  const onlyData = await verifyReceipt({ ...exampleReceipt, parts: { data } }, keys)
  expect(onlyData.event).toBeUndefined()
  const nothing = await verifyReceipt({ ...exampleReceipt, parts: {} }, keys)
  expect(nothing.parts.every(({ status }) => status === 'undisclosed')).toBe(true)
})

test('a receipt is verified by pinned keys only', async () => {
  await expectRefused(exampleReceipt, 'key-unknown', [])
  await expectRefused(exampleReceipt, 'key-unknown', [stranger.vkey])
  await expectRefused(exampleReceipt, 'key-unknown', [createSigner(origin, 9).vkey])
  await expectRefused(exampleReceipt, 'origin-mismatch', [cosigner.cosignerVkey])
  await expectRefused(exampleReceipt, 'key-malformed', [log.vkey.replace('+', '+0')])
  expect((await verifyReceipt(exampleReceipt, [log.vkey])).cosigned).toEqual([])
})

test('whatever is no receipt is refused', async () => {
  for (const other of [undefined, null, 7, 'receipt', [], [exampleReceipt], {}, () => {}]) {
    await expectRefused(other, 'receipt-malformed')
  }
})

test('a receipt that lacks a member, or has one too many, is refused, and says which', async () => {
  for (const name of Object.keys(exampleReceipt)) {
    const entries = Object.entries(exampleReceipt).filter(([other]) => other !== name)
    await expectRefused(Object.fromEntries(entries), 'receipt-malformed')
  }
  for (const name of ['key', 'vkey', 'Format', 'constructor']) {
    await expect(verifyReceipt({ ...exampleReceipt, [name]: log.vkey }, keys)).rejects.toThrow(
      `no member "${name}"`,
    )
  }
  const proto = JSON.parse(JSON.stringify(exampleReceipt).replace('{', '{"__proto__":{},'))
  await expectRefused(proto, 'receipt-malformed')
})

test('members of a wrong type are refused', async () => {
  const wrong = [undefined, null, 1, true, [], ['x']]
  for (const name of Object.keys(exampleReceipt)) {
    for (const value of wrong) {
      await expectRefused({ ...exampleReceipt, [name]: value }, 'receipt-malformed')
    }
  }
  const { core } = exampleReceipt.parts
  for (const part of [...wrong, 'text', {}, { ...core, salt: 1 }, { ...core, text: {} }]) {
    const parts = { ...exampleReceipt.parts, core: part }
    await expectRefused({ ...exampleReceipt, parts }, 'receipt-malformed')
  }
  const parts = { core: { ...core, note: 'x' } }
  await expectRefused({ ...exampleReceipt, parts }, 'receipt-malformed')
})

test('another format is refused (R-09)', async () => {
  for (const format of ['indelible-receipt/v2', 'indelible-receipt/v1 ', '']) {
    await expectRefused({ ...exampleReceipt, format }, 'receipt-malformed')
  }
})

test('a part whose text, salt or label was changed is refused', async () => {
  const { actor, core, data } = exampleReceipt.parts
  if (actor === undefined || core === undefined || data === undefined) return expect.unreachable()
  const withParts = (parts: unknown) => ({ ...exampleReceipt, parts })
  const salt = 'AQEBAQEBAQEBAQEBAQEBAA=='
  await expectRefused(withParts({ actor: { ...actor, salt } }), 'part-mismatch')
  await expectRefused(withParts({ data: { ...data, text: `${data.text} ` } }), 'part-mismatch')
  await expectRefused(withParts({ core: actor, actor: core }), 'part-mismatch')
  await expectRefused(withParts({ core, changes: data }), 'part-unknown')
  await expectRefused(withParts(JSON.parse('{"__proto__":{"salt":"","text":""}}')), 'part-unknown')
  await expectRefused(withParts({ core: { ...core, salt: 'AgIC' } }), 'part-malformed')
  await expectRefused(withParts({ core: { ...core, salt: '?' } }), 'receipt-malformed')
  const lone = { ...data, text: '"\ud800"' }
  await expectRefused(withParts({ data: lone }), 'part-malformed')
})

test('another entry under the same proof is refused (R-07)', async () => {
  const parts = { ...exampleParts, data: { salt: 3, text: '{"plan":"free"}' } }
  const forged = { ...exampleReceipt, entry: entryOf(parts), parts: {} }
  await expectRefused(forged, 'inclusion-invalid')
  const backdated = exampleReceipt.entry.replace('1795205460123', '1795205460122')
  await expectRefused({ ...exampleReceipt, entry: backdated }, 'inclusion-invalid')
})

test('a proof at another index, or past the end of the log, is refused (R-07)', async () => {
  for (const index of [0, 3, 5, 6, 7, 1_000_000]) {
    const proof = exampleReceipt.proof.replace('index 4', `index ${index}`)
    await expectRefused({ ...exampleReceipt, proof }, 'inclusion-invalid')
  }
})

test('any one character changed in the entry or the proof is found', async () => {
  const good = await verifyReceipt(exampleReceipt, keys)
  for (const name of ['entry', 'proof'] as const) {
    const text = exampleReceipt[name]
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'B' ? 'C' : 'B'
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      const verifying = verifyReceipt({ ...exampleReceipt, [name]: changed }, keys)
      const verified = await verifying.catch(() => undefined)
      // Where a cosigner's name or key ID was changed, its line is a stranger's: worth nothing.
      if (verified !== undefined) expect(verified).toEqual({ ...good, cosigned: [] })
    }
  }
})

test('a part that is not JSON, or a core that takes a part’s name, is refused', async () => {
  const core = { salt: 2, text: '{"action":"a"' }
  await expectRefused(receiptOf({ core }), 'part-malformed')
  await expectRefused(receiptOf({ core: { salt: 2, text: '[]' } }), 'receipt-malformed')
  const data = { salt: 3, text: '{}' }
  const double = { core: { salt: 2, text: '{"action":"a","data":{"amount":1}}' }, data }
  await expectRefused(receiptOf(double), 'part-malformed')
})

test('members with the names of objects’ own are only members', async () => {
  const core = { salt: 2, text: '{"action":"a","__proto__":{"admin":true},"toString":1}' }
  const { event } = await verifyReceipt(receiptOf({ core }), keys)
  expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
  expect(event).not.toHaveProperty('admin')
  expect(Object.keys(event ?? {})).toEqual(['action', '__proto__', 'toString'])
})

test('an entry of another type verifies, and is no event', async () => {
  const core = { salt: 2, text: '{"erases":[],"reason":"x"}' }
  const verified = await verifyReceipt(receiptOf({ core }, 'erasure'), keys)
  expect(verified.type).toBe('erasure')
  expect(verified).not.toHaveProperty('event')
  expect(verified.parts).toHaveLength(1)
})

test('whatever the input, a refusal is a VerificationError', async () => {
  const shape = fc.record(
    {
      format: fc.oneof(fc.constant(exampleReceipt.format), fc.anything()),
      entry: fc.oneof(fc.constant(exampleReceipt.entry), fc.anything(), fc.string()),
      parts: fc.oneof(fc.constant(exampleReceipt.parts), fc.object()),
      proof: fc.oneof(fc.constant(exampleReceipt.proof), fc.string()),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.anything(), shape), async (receipt) => {
      const error = await verifyReceipt(receipt, keys).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error !== undefined) expect(error).toBeInstanceOf(VerificationError)
      else expect(receipt).toHaveProperty('entry', exampleReceipt.entry)
    }),
    { numRuns: 1_000 },
  )
})
