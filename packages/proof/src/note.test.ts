import { expect, test } from 'vitest'
import { cosignedAt, cosigner, log, origin, stranger } from '../test/example.ts'
import { createSigner } from '../test/signer.ts'
import { encodeUtf8, formatHex, parseBase64 } from './bytes.ts'
import { formatVerifierKey, parseVerifierKey } from './key.ts'
import {
  cosignedMessage,
  formatCosignature,
  formatSignatureLine,
  parseNote,
  verifyNote,
} from './note.ts'

const keysOf = (...vkeys: readonly string[]) => vkeys.map(parseVerifierKey)
const refusal = (code: string) => expect.objectContaining({ name: 'VerificationError', code })
const text = `${origin}\n7\nhello\n`
const signed = `${text}\n${log.sign(text)}`

const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const enoch = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
const goText =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n"
const goNote =
  `${goText}\n` +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n' +
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'

test('the note of the signed-note specification verifies', async () => {
  const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  const note =
    'This is an example message.\n\n' +
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  const [key] = keysOf(vkey)
  expect(formatHex(key?.keyId ?? new Uint8Array())).toBe('530d903a')
  const { verified } = await verifyNote(note, keysOf(vkey))
  expect(verified.map((signature) => signature.key.name)).toEqual(['example.com/foo'])
})

test('the doubly signed note of golang.org/x/mod verifies, by one key or both', async () => {
  expect((await verifyNote(goNote, keysOf(peter))).verified).toHaveLength(1)
  const both = await verifyNote(goNote, keysOf(enoch, peter))
  expect(both.text).toBe(goText)
  expect(both.verified.map(({ key }) => key.name)).toEqual(['PeterNeumann', 'EnochRoot'])
})

test('a signed tree of the Go checksum database verifies', async () => {
  const vkey = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'
  const note =
    'go.sum database tree\n3784599\n7uvxIZ67TZygcq/AehTD8iHYt81Ih+Zl2Y7vXZbfszQ=\n\n' +
    '— sum.golang.org Az3grn972wXskjQrsZhVGc93fTU2uOsmSTiId1Wn1lxDCup5z4ggl1/4gaUqOkMa6cMbYvjB7hn7yemNr7Zqanol/go=\n'
  expect((await verifyNote(note, keysOf(vkey))).verified).toHaveLength(1)
  const other = note.replace('3784599', '3784590')
  await expect(verifyNote(other, keysOf(vkey))).rejects.toThrow(refusal('signature-invalid'))
})

test('the cosignature line of the specification holds the time of its message', () => {
  const line =
    'jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=='
  const bytes = parseBase64(line) ?? new Uint8Array()
  expect(bytes.slice(4)).toEqual(formatCosignature(1_679_315_147, bytes.slice(12)))
  const body =
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  expect(cosignedMessage(1_679_315_147, body)).toEqual(
    encodeUtf8(`cosignature/v1\ntime 1679315147\n${body}`),
  )
})

test('a text may hold empty lines: the last one ends it', async () => {
  const poem = 'M’illumino\n\nd’immenso\n'
  const note = `${poem}\n${log.sign(poem)}`
  expect((await verifyNote(note, keysOf(log.vkey))).text).toBe(poem)
})

test('lines of unknown keys are ignored, even with a known name or a known key ID alone', async () => {
  const { keyId } = parseVerifierKey(log.vkey)
  const junk = new Uint8Array(64)
  const note =
    signed +
    stranger.sign(text) +
    formatSignatureLine(origin, Uint8Array.of(1, 2, 3, 4), junk) +
    formatSignatureLine('other.example', keyId, junk) +
    formatSignatureLine('ml-dsa.example', Uint8Array.of(6, 6, 6, 6), new Uint8Array(2_428))
  const { verified } = await verifyNote(note, keysOf(log.vkey))
  expect(verified.map(({ key }) => key.vkey)).toEqual([log.vkey])
})

test('one bad line of a known key refuses the note, whatever else signed it', async () => {
  const { keyId } = parseVerifierKey(log.vkey)
  const keys = keysOf(log.vkey, cosigner.cosignerVkey)
  for (const bad of [new Uint8Array(64), new Uint8Array(63), new Uint8Array(72)]) {
    const note = signed + formatSignatureLine(origin, keyId, bad)
    await expect(verifyNote(note, keys)).rejects.toThrow(refusal('signature-invalid'))
  }
  const late = signed + cosigner.cosign(cosignedAt, `${text}more\n`)
  await expect(verifyNote(late, keys)).rejects.toThrow(refusal('signature-invalid'))
})

test('a note that no pinned key signed is refused', async () => {
  await expect(verifyNote(signed, [])).rejects.toThrow(refusal('key-unknown'))
  await expect(verifyNote(signed, keysOf(stranger.vkey))).rejects.toThrow(refusal('key-unknown'))
  const rekeyed = createSigner(origin, 9)
  await expect(verifyNote(signed, keysOf(rekeyed.vkey))).rejects.toThrow(refusal('key-unknown'))
})

test('a cosignature verifies with its time, and not with another', async () => {
  const keys = keysOf(cosigner.cosignerVkey)
  const note = `${text}\n${cosigner.cosign(cosignedAt, text)}`
  const { verified } = await verifyNote(note, keys)
  expect(verified).toMatchObject([{ time: cosignedAt }])
  const [line] = parseNote(note).signatures
  if (line === undefined) return expect.unreachable()
  for (const at of [0, 7, 8, 71]) {
    const changed = line.signature.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    const other = `${text}\n${formatSignatureLine(line.name, line.keyId, changed)}`
    await expect(verifyNote(other, keys)).rejects.toThrow(refusal('signature-invalid'))
  }
  const short = `${text}\n${formatSignatureLine(line.name, line.keyId, line.signature.slice(0, 7))}`
  await expect(verifyNote(short, keys)).rejects.toThrow(refusal('signature-invalid'))
})

test('a cosigner’s plain key does not verify its cosignature, nor the other way round', async () => {
  const note = `${text}\n${cosigner.cosign(cosignedAt, text)}`
  await expect(verifyNote(note, keysOf(cosigner.vkey))).rejects.toThrow(refusal('key-unknown'))
  const plain = `${text}\n${cosigner.sign(text)}`
  const keys = keysOf(cosigner.cosignerVkey)
  await expect(verifyNote(plain, keys)).rejects.toThrow(refusal('key-unknown'))
})

test('a cosigner’s signature of the bare text is no cosignature, whatever time it bears', async () => {
  const [line] = parseNote(`${text}\n${cosigner.sign(text)}`).signatures
  const [key] = keysOf(cosigner.cosignerVkey)
  if (line === undefined || key === undefined) return expect.unreachable()
  for (const byte of [0x00, 0x20, 0x7f, 0xff]) {
    const signature = Uint8Array.of(...new Array(8).fill(byte), ...line.signature)
    const note = `${text}\n${formatSignatureLine(key.name, key.keyId, signature)}`
    await expect(verifyNote(note, [key])).rejects.toThrow(refusal('signature-invalid'))
  }
})

test('a key that signed twice, or is pinned twice, is one key; its latest time counts', async () => {
  const lines = [5, 9, 7].map((seconds) => cosigner.cosign(seconds, text)).join('')
  const note = `${text}\n${lines}`
  const { verified } = await verifyNote(note, keysOf(cosigner.cosignerVkey, cosigner.cosignerVkey))
  expect(verified).toMatchObject([{ time: 9 }])
})

test('sixteen signatures and more are accepted, a hundred and one are refused', async () => {
  const line = stranger.sign(text)
  const keys = keysOf(log.vkey)
  expect((await verifyNote(signed + line.repeat(99), keys)).verified).toHaveLength(1)
  const flood = signed + line.repeat(100)
  await expect(verifyNote(flood, keys)).rejects.toThrow(refusal('note-malformed'))
})

test('a note with any one character of its text changed is refused', async () => {
  for (let at = 0; at < text.length; at += 1) {
    for (const other of ['', 'x', '\n']) {
      const changed = signed.slice(0, at) + other + signed.slice(at + 1)
      if (changed !== signed) await expect(verifyNote(changed, keysOf(log.vkey))).rejects.toThrow()
    }
  }
})

const line = log.sign(text)
test.each([
  ['nothing', ''],
  ['no signature', text],
  ['an empty line, but no signature', `${text}\n`],
  ['no empty line', text + line],
  ['no LF at its end', `${text}\n${line.slice(0, -1)}`],
  ['an empty line at its end', `${text}\n${line}\n`],
  ['a CR', `${text}\n${line.replace('\n', '\r\n')}`],
  ['a NUL in its text', `a\0\n\n${line}`],
  ['a tab in its text', `a\tb\n\n${line}`],
  ['a lone surrogate', `a\ud800\n\n${line}`],
  ['a hyphen for the dash', `${text}\n${line.replace('—', '-')}`],
  ['two spaces in a signature line', `${text}\n${line.replace('— ', '—  ')}`],
  ['a word behind a signature', `${text}\n${line.replace('\n', ' x\n')}`],
  ['a plus in a key name', `${text}\n${line.replace('log.', 'log+')}`],
  ['a no-break space in a key name', `${text}\n${line.replace('log.', 'log\u00a0')}`],
  ['an empty key name', `${text}\n${line.replace(origin, '')}`],
  ['a signature without padding', `${text}\n${line.replace('=', '')}`],
  ['a signature of a key ID alone', `${text}\n— ${origin} AAAAAA==\n`],
  ['a megabyte of text', `${'x'.repeat(1024 * 1024)}\n\n${line}`],
])('a note with %s is refused', (_, note) => {
  expect(() => parseNote(note)).toThrow(refusal('note-malformed'))
})

test('a verifier key is read only if its key ID is its own', () => {
  for (let at = 0; at < peter.length; at += 1) {
    const changed = `${peter.slice(0, at)}${peter[at] === 'B' ? 'C' : 'B'}${peter.slice(at + 1)}`
    expect(() => parseVerifierKey(changed), changed).toThrow(refusal('key-malformed'))
    expect(() => parseVerifierKey(peter.slice(0, at))).toThrow(refusal('key-malformed'))
    expect(() => parseVerifierKey(peter.slice(at + 1))).toThrow(refusal('key-malformed'))
  }
})

test.each([
  [
    'a public key too long',
    'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
  ],
  ['an unknown type', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
  ['a key ID in capitals', peter.replace('c74f20a3', 'C74F20A3')],
  ['a line end', `${peter}\n`],
  ['a space', peter.replace('rN', 'r N')],
])('a verifier key with %s is refused', (_, vkey) => {
  expect(() => parseVerifierKey(vkey)).toThrow(refusal('key-malformed'))
})

test('a verifier key is written as it was read', () => {
  for (const vkey of [peter, enoch, log.vkey, cosigner.cosignerVkey]) {
    const { name, type, publicKey } = parseVerifierKey(vkey)
    expect(formatVerifierKey(name, type, publicKey)).toBe(vkey)
  }
  expect(() => formatVerifierKey('a b', 1, new Uint8Array(32))).toThrow(refusal('key-malformed'))
  expect(() => formatVerifierKey('a', 6, new Uint8Array(32))).toThrow(refusal('key-malformed'))
})
