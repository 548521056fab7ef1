import { expect, test } from 'vitest'
import { cosignedAt, cosigner, log, origin, stranger } from '../test/example.ts'
import { createSigner } from '../test/signer.ts'
import { formatCheckpoint, parseCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { parseVerifierKey } from './key.ts'
import { emptyRoot } from './tree.ts'

const refusal = (code: string) => expect.objectContaining({ name: 'VerificationError', code })
const root = new Uint8Array(32).fill(5)
const text = formatCheckpoint({ origin, size: 41, root })
const logKey = parseVerifierKey(log.vkey)
const cosignerKey = parseVerifierKey(cosigner.cosignerVkey)

test('a checkpoint is three lines, and is read back', () => {
  expect(text).toBe(`${origin}\n41\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n`)
  expect(parseCheckpoint(text)).toEqual({ origin, size: 41, root })
  expect(parseCheckpoint(`${text}an extension\n`)).toEqual({ origin, size: 41, root })
  const empty = { origin, size: 0, root: emptyRoot() }
  expect(parseCheckpoint(formatCheckpoint(empty))).toEqual(empty)
})

const hash = 'BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU='
test.each([
  ['no last LF', text.slice(0, -1)],
  ['two lines', `${origin}\n41\n`],
  ['an empty origin', `\n41\n${hash}\n`],
  ['an empty line at its end', `${text}\n`],
  ['a leading zero', `${origin}\n041\n${hash}\n`],
  ['a sign', `${origin}\n+41\n${hash}\n`],
  ['a size beyond 2^53', `${origin}\n9007199254740992\n${hash}\n`],
  ['a short root', `${origin}\n41\nBQUF\n`],
  ['a root without padding', `${origin}\n41\n${hash.slice(0, -1)}\n`],
  ['size 0 and a root', `${origin}\n0\n${hash}\n`],
])('a checkpoint with %s is refused', (_, malformed) => {
  expect(() => parseCheckpoint(malformed)).toThrow(refusal('checkpoint-malformed'))
})

test('what cannot be a checkpoint is not written', () => {
  const good = { origin, size: 1, root }
  const bad = [
    { origin: '' },
    { origin: 'a\nb' },
    { size: -1 },
    { size: 0.5 },
    { root: root.slice(1) },
  ]
  for (const other of bad) {
    expect(() => formatCheckpoint({ ...good, ...other })).toThrow(refusal('checkpoint-malformed'))
  }
})

test('a checkpoint signed by its log verifies, with its cosigners', async () => {
  const note = `${text}\n${log.sign(text)}${cosigner.cosign(cosignedAt, text)}`
  expect(await verifyCheckpoint(note, [logKey])).toEqual({ origin, size: 41, root, cosigned: [] })
  expect(await verifyCheckpoint(note, [cosignerKey, logKey])).toMatchObject({
    cosigned: [{ name: 'log.example', time: cosignedAt }],
  })
})

test('a checkpoint of another log does not verify by a key that is not its own (R-07)', async () => {
  const foreign = formatCheckpoint({ origin: 'log.example/l/2', size: 41, root })
  const note = `${foreign}\n${log.sign(foreign)}`
  await expect(verifyCheckpoint(note, [logKey])).rejects.toThrow(refusal('origin-mismatch'))
})

test('a cosigner’s word alone is not the log’s', async () => {
  const note = `${text}\n${log.sign(text)}${cosigner.cosign(cosignedAt, text)}`
  await expect(verifyCheckpoint(note, [cosignerKey])).rejects.toThrow(refusal('origin-mismatch'))
  // Not even if the cosigner bears the log's name.
  const namesake = createSigner(origin, 4)
  const cosignedOnly = `${text}\n${namesake.cosign(cosignedAt, text)}`
  const key = parseVerifierKey(namesake.cosignerVkey)
  await expect(verifyCheckpoint(cosignedOnly, [key])).rejects.toThrow(refusal('origin-mismatch'))
})

test('an unsigned checkpoint, or one signed by a stranger, is refused', async () => {
  await expect(verifyCheckpoint(text, [logKey])).rejects.toThrow(refusal('note-malformed'))
  const note = `${text}\n${stranger.sign(text)}`
  await expect(verifyCheckpoint(note, [logKey])).rejects.toThrow(refusal('key-unknown'))
})
