import {
  encodeUtf8,
  formatCheckpoint,
  formatHex,
  formatSuccession,
  formatTlogProof,
  receiptFormat,
} from '@indelible/proof'
import type { Entry, LogInfo } from '@indelible/protocol'
import { expect, test } from 'vitest'
import {
  cosignedAt,
  cosigner,
  exampleEntry,
  exampleParts,
  exampleReceipt,
  log,
  origin,
  receiptOf,
  stranger,
} from '../../../../proof/test/example.ts'
import {
  leafOf,
  naiveConsistency,
  naiveInclusion,
  naiveRoot,
} from '../../../../proof/test/reference.ts'
import { createSigner } from '../../../../proof/test/signer.ts'
import { createPins } from './pins.ts'
import { type Check, CheckFailed } from './report.ts'
import { type EntrySources, verifyEntry } from './verify-entry.ts'
import { verifyLog } from './verify-log.ts'

const tenant = 'default'
const index = 4
const leafHash = leafOf(encodeUtf8(exampleEntry))

const entry: Entry = {
  ...{ tenant, index, type: 'event', received: '2026-11-20T20:11:00.123Z' },
  hash: formatHex(leafHash),
  event: {
    ...JSON.parse(exampleParts.core.text),
    actor: JSON.parse(exampleParts.actor.text),
    data: JSON.parse(exampleParts.data.text),
  },
}

function createMemory() {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

/** A log of some entries, whose fifth is the example; `salt` makes another history of it from there on. */
function createLog(size: number, salt = 'entry') {
  const leaves = Array.from({ length: size }, (_, at) =>
    at === index ? leafHash : leafOf(encodeUtf8(`${at < index ? 'entry' : salt} ${at}`)),
  )
  const text = formatCheckpoint({ origin, size, root: naiveRoot(leaves) })
  const checkpoint = `${text}\n${log.sign(text)}${cosigner.cosign(cosignedAt, text)}`
  const hashes = naiveInclusion(index, leaves)
  const proof = formatTlogProof({ index, hashes, checkpoint })
  const info = { tenant, origin, vkey: log.vkey, cosigner: cosigner.cosignerVkey, size }
  return {
    info: { ...info, root: '', checkpoint: null } satisfies LogInfo,
    receipt: { ...exampleReceipt, format: receiptFormat, proof },
    checkpoint,
    prove: ({ from, to }: { readonly from: number; readonly to: number }) =>
      naiveConsistency(from, leaves.slice(0, to)).map(formatHex),
  }
}

/** A browser that visits a service, which may show another log at each visit. */
function createVisitor() {
  const pins = createPins(createMemory())
  const sourcesOf = (shown: ReturnType<typeof createLog>): EntrySources => ({
    pins,
    now: () => new Date('2026-11-21T08:00:00Z'),
    readLog: async () => shown.info,
    readReceipt: async () => shown.receipt,
    readConsistency: async (_tenant, sizes) => ({ hashes: shown.prove(sizes) }),
  })
  return {
    pins,
    sourcesOf,
    verify: (
      shown: ReturnType<typeof createLog>,
      changes: Partial<EntrySources> = {},
      as = entry,
    ) => verifyEntry(as, { ...sourcesOf(shown), ...changes }),
  }
}

async function expectFailed(report: ReturnType<typeof verifyEntry>, check: Check) {
  const { status, results } = await report
  expect(status).toBe('failed')
  expect(results.filter((one) => one.status === 'failed').map((one) => one.check)).toEqual([check])
}

test('a sound entry passes every check, and what was seen is remembered', async () => {
  const visitor = createVisitor()
  const report = await visitor.verify(createLog(7))
  expect(report.status).toBe('verified')
  expect(report.results.map(({ status }) => status)).toEqual(Array(7).fill('passed'))
  expect(report.facts).toMatchObject({ index, size: 7, firstSight: true, vkey: log.vkey })
  expect(visitor.pins.read(tenant)).toMatchObject({ vkey: log.vkey, seen: { size: 7 } })
})

test('a log that grew is consistent with what was seen; an older answer does not wind back', async () => {
  const visitor = createVisitor()
  await visitor.verify(createLog(7))
  expect((await visitor.verify(createLog(11))).status).toBe('verified')
  expect(visitor.pins.read(tenant)?.seen?.size).toBe(11)
  const grown = createLog(11)
  const older = { ...createLog(9), prove: grown.prove }
  expect((await visitor.verify(older)).status).toBe('verified')
  expect(visitor.pins.read(tenant)?.seen?.size).toBe(11)
})

test('a log rewritten and signed anew with the real key is refused by who saw the old one', async () => {
  const visitor = createVisitor()
  await visitor.verify(createLog(7))
  await expectFailed(visitor.verify(createLog(11, 'forged')), 'history')
  await expectFailed(visitor.verify(createLog(7, 'forged')), 'history')
  expect(visitor.pins.read(tenant)?.seen?.size).toBe(7)
})

test('a log rolled back, whose service has no proof any more, is refused', async () => {
  const visitor = createVisitor()
  await visitor.verify(createLog(11))
  const readConsistency = () => Promise.reject(new CheckFailed('history', 'There is none.'))
  await expectFailed(visitor.verify(createLog(7), { readConsistency }), 'history')
})

test('another key or origin than the pinned one is refused, whatever it signs', async () => {
  const visitor = createVisitor()
  const shown = createLog(7)
  await visitor.verify(shown)
  for (const change of [{ vkey: stranger.vkey }, { origin: 'stranger.example' }]) {
    const readLog = async () => ({ ...shown.info, ...change })
    await expectFailed(visitor.verify(shown, { readLog }), 'key')
  }
  visitor.pins.forget(tenant)
  expect((await visitor.verify(shown)).status).toBe('verified')
})

test('a key that was rotated is followed where the pinned one vouches for it, and from no other', async () => {
  const visitor = createVisitor()
  const shown = createLog(7)
  await visitor.verify(shown)
  const next = createSigner(origin, 9)
  const text = formatSuccession({ origin, former: log.vkey, next: next.vkey })
  const former = (succession: string) => ({
    ...{ generation: 1, vkey: log.vkey, ended: '2026-11-21T00:00:00.000Z', signs: true },
    succession: `${text}\n${succession}`,
  })
  const rotated = (succession: string) => async () => ({
    ...shown.info,
    ...{ vkey: next.vkey, formerKeys: [former(succession)] },
  })
  for (const forged of [next.sign(text), next.sign(text) + stranger.sign(text)]) {
    await expectFailed(visitor.verify(shown, { readLog: rotated(forged) }), 'key')
  }
  // What it is shown was signed by the former key alone, a moment before.
  const readLog = rotated(log.sign(text) + next.sign(text))
  expect((await visitor.verify(shown, { readLog })).status).toBe('verified')
  expect(visitor.pins.read(tenant)).toMatchObject({ vkey: next.vkey, former: [log.vkey] })
  // Back to the former key is another key again: a copy from before, or somebody who has it.
  await expectFailed(visitor.verify(shown), 'key')
})

test('a key that is none, or that bears another name, is not pinned', async () => {
  const shown = createLog(7)
  for (const vkey of ['no key', stranger.vkey]) {
    const visitor = createVisitor()
    await expectFailed(
      visitor.verify(shown, { readLog: async () => ({ ...shown.info, vkey }) }),
      'key',
    )
    expect(visitor.pins.read(tenant)).toBeUndefined()
  }
})

test('a cosigner’s key that could sign as the log does is not pinned beside the log’s own', async () => {
  const visitor = createVisitor()
  const shown = createLog(7)
  const forger = createSigner(origin, 4)
  const [text = ''] = shown.checkpoint.split('\n\n')
  const signed = `${text}\n\n${forger.sign(`${text}\n`)}`
  const receipt = { ...shown.receipt, proof: shown.receipt.proof.replace(shown.checkpoint, signed) }
  const forged: Partial<EntrySources> = {
    readLog: async () => ({ ...shown.info, cosigner: forger.vkey }),
    readReceipt: async () => receipt,
  }
  await expectFailed(visitor.verify(shown, forged), 'key')
  expect(visitor.pins.read(tenant)).toBeUndefined()
})

test('of two forks shown at one moment, one is refused', async () => {
  const visitor = createVisitor()
  await visitor.verify(createLog(5))
  const fork = createLog(11, 'forged')
  // Verified between this one's look at what was seen before and its end.
  const readConsistency: EntrySources['readConsistency'] = async (_tenant, sizes) => {
    if (sizes.from === 5) expect((await visitor.verify(fork)).status).toBe('verified')
    return { hashes: createLog(11).prove(sizes) }
  }
  await expectFailed(visitor.verify(createLog(7), { readConsistency }), 'history')
})

test('an altered part, another signer, a leaf that is not in the tree: each fails its own check', async () => {
  const shown = createLog(7)
  const { receipt } = shown
  const verifyReceipt = (changed: unknown) =>
    createVisitor().verify(shown, { readReceipt: async () => changed })
  const actor = { ...receipt.parts.actor, text: '{"id":"u_2","name":"Zoë","type":"user"}' }
  await expectFailed(verifyReceipt({ ...receipt, parts: { ...receipt.parts, actor } }), 'parts')
  const [text = ''] = shown.checkpoint.split('\n\n')
  const signed = `${text}\n\n${stranger.sign(`${text}\n`)}`
  const proof = receipt.proof.replace(shown.checkpoint, signed)
  await expectFailed(verifyReceipt({ ...receipt, proof }), 'signature')
  const elsewhere = receipt.proof.replace('index 4', 'index 5')
  await expectFailed(verifyReceipt({ ...receipt, proof: elsewhere }), 'inclusion')
  await expectFailed(verifyReceipt({ nothing: true }), 'evidence')
})

test('what is shown must be what was proven, member by member', async () => {
  const shown = createLog(7)
  const altered: readonly Entry[] = [
    { ...entry, event: { ...entry.event, actor: { type: 'user', id: 'u_1', name: 'Zoe' } } },
    { ...entry, event: { ...entry.event, source: 'web' } },
    { ...entry, index: 5 },
    { ...entry, received: '2026-11-20T20:11:00.124Z' },
    { ...entry, received: 'Fri, 20 Nov 2026 20:11:00.123 GMT (seen by two auditors)' },
    { ...entry, tenant: 'other' },
    { ...entry, erased: [{ part: 'actor', by: 5 }] },
    { ...entry, ...{ approved: 'by the board' } },
    { ...entry, hash: entry.hash.replace(/^../, '00') },
  ]
  for (const one of altered) await expectFailed(createVisitor().verify(shown, {}, one), 'shown')
  const { data: _left, ...less } = entry.event
  await expectFailed(createVisitor().verify(shown, {}, { ...entry, event: less }), 'shown')
})

test('a number that would be shown as another one is not verified, whoever signed it', async () => {
  for (const [literal, passes] of [
    ...[['9007199254740993', false] as const, ['1e400', false] as const],
    ...[['-9007199254740991', true] as const, ['1e+22', true] as const, ['0.1', true] as const],
  ]) {
    const data = { ...exampleParts.data, text: `{"amount":${literal}}` }
    const receipt = receiptOf({ ...exampleParts, data })
    const shown = { ...createLog(7), receipt }
    const hash = formatHex(leafOf(encodeUtf8(receipt.entry)))
    const as = { ...entry, hash, event: { ...entry.event, data: JSON.parse(data.text) } }
    const report = createVisitor().verify(shown, {}, as)
    if (passes) expect([literal, (await report).status]).toEqual([literal, 'verified'])
    else await expectFailed(report, 'shown')
  }
})

test('a fault on the way says nothing of the entry', async () => {
  const readReceipt = () => Promise.reject(new Error('offline'))
  await expect(createVisitor().verify(createLog(7), { readReceipt })).rejects.toThrow('offline')
})

test('a pin that can’t be read is told, not made anew', async () => {
  const pins = createPins({ ...createMemory(), getItem: () => '{"tenant":"default"}' })
  await expectFailed(createVisitor().verify(createLog(7), { pins }), 'key')
})

test('a log is followed by its checkpoints alone, and forged ones are refused', async () => {
  const visitor = createVisitor()
  const follow = (shown: ReturnType<typeof createLog>) =>
    verifyLog(tenant, { ...visitor.sourcesOf(shown), readCheckpoint: async () => shown.checkpoint })
  expect((await follow(createLog(5))).status).toBe('verified')
  expect((await follow(createLog(11))).facts.size).toBe(11)
  expect((await follow(createLog(11, 'forged'))).status).toBe('failed')
  const readLog = () => Promise.reject(new CheckFailed('key', 'There is no such log.'))
  const missing = { ...visitor.sourcesOf(createLog(11)), readCheckpoint: async () => '', readLog }
  expect((await verifyLog(tenant, missing)).status).toBe('failed')
  await expect(verifyLog('never-seen', missing)).rejects.toThrow('no such log')
  const badKey = { ...missing, readLog: async () => ({ ...createLog(11).info, vkey: 'none' }) }
  expect((await verifyLog('never-seen', badKey)).status).toBe('failed')
  const unsigned = { ...createLog(11), checkpoint: createLog(11).checkpoint.replace('11', '12') }
  expect((await follow(unsigned)).status).toBe('failed')
})
