import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import {
  encodeUtf8,
  formatBase64,
  formatCheckpoint,
  formatHex,
  formatSignatureLine,
  parseVerifierKey,
} from '../src/index.ts'
import {
  cosignedAt,
  cosigner,
  entryOf,
  exampleEntry,
  exampleParts,
  exampleReceipt,
  log,
  origin,
  receiptOf,
  stranger,
} from './example.ts'
import { leafOf, naiveConsistency, naiveInclusion, naiveRoot } from './reference.ts'

/**
 * Writes `vectors/` anew: `node scripts/node.mjs packages/proof/test/write-vectors.ts`. Roots and
 * proofs come from the naive reference and signatures from OpenSSL, not from what they test.
 */

const folder = new URL('../../../vectors/', import.meta.url)

function write(kind: string, name: string, expect: string, input: unknown, output?: unknown): void {
  const valid = expect === 'ok'
  if (valid !== name.startsWith('valid-')) throw new Error(`${kind}/${name} expects ${expect}`)
  mkdirSync(new URL(`${kind}/`, folder), { recursive: true })
  const vector = { input, expect, ...(output === undefined ? {} : { output }) }
  writeFileSync(new URL(`${kind}/${name}.json`, folder), `${JSON.stringify(vector, null, 2)}\n`)
}

function writeEntries(): void {
  const leafHash = '55179f3e6bf7c8da6d5ce91f935f9f85616fd686d60f8ceaeb6e2b8c98d1fabb'
  const entry = exampleEntry
  const lines = entry.split('\n')
  const coreLine = `${lines[4]}\n`
  const refuse = (name: string, text: string) =>
    write('entry', `invalid-${name}`, 'entry-malformed', { entry: text })
  write('entry', 'valid-example', 'ok', { entry }, { leafHash })
  const erasure = entryOf({ core: { salt: 7, text: '{"erases":[]}' } }, 'erasure')
  const erasureHash = formatHex(leafOf(encodeUtf8(erasure)))
  write('entry', 'valid-erasure-core-only', 'ok', { entry: erasure }, { leafHash: erasureHash })
  refuse('empty', '')
  refuse('version-2', entry.replace('entry/v1', 'entry/v2'))
  refuse('line-ends-crlf', entry.replaceAll('\n', '\r\n'))
  refuse('last-line-end-missing', entry.slice(0, -1))
  refuse('empty-line-at-end', `${entry}\n`)
  refuse('type-upper-case', entry.replace('type event', 'type Event'))
  refuse('type-missing', entry.replace('type event\n', ''))
  refuse('time-leading-zero', entry.replace('time 1', 'time 01'))
  refuse('time-exponent', entry.replace('1795205460123', '1e3'))
  refuse('time-negative', entry.replace('time 1', 'time -1'))
  refuse('time-beyond-2-53', entry.replace('1795205460123', '9007199254740992'))
  refuse('time-before-type', [lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n'))
  refuse('core-missing', entry.replace(coreLine, ''))
  refuse('part-twice', entry.replace(coreLine, coreLine + coreLine))
  refuse('parts-out-of-order', entry.replace(coreLine, '') + coreLine)
  refuse('label-upper-case', entry.replace('part actor', 'part Actor'))
  refuse('commitment-short', entry.replace(/part actor .*\n/, 'part actor AAAA\n'))
  refuse('commitment-unpadded', entry.replace('Cq38=', 'Cq38'))
  refuse('commitment-stray-bits', entry.replace('Cq38=', 'Cq39='))
  refuse('commitment-url-alphabet', entry.replaceAll('/', '_'))
  refuse('space-at-line-end', entry.replace('type event\n', 'type event \n'))
  refuse(
    'parts-17',
    entry +
      Array.from(
        { length: 14 },
        (_, at) => `part x${String.fromCharCode(97 + at)} ${formatBase64(new Uint8Array(32))}\n`,
      ).join(''),
  )
}

function writeReceipts(): void {
  const keys = [log.vkey, cosigner.cosignerVkey]
  const good = exampleReceipt
  const { actor, core, data } = good.parts
  const result = { origin, index: 4, size: 7, type: 'event', received: 1_795_205_460_123 }
  const cosigned = [{ name: 'log.example', time: cosignedAt }]
  const accept = (name: string, receipt: unknown, output: object, pinned = keys) =>
    write('receipt', `valid-${name}`, 'ok', { receipt, keys: pinned }, { ...result, ...output })
  const refuse = (name: string, code: string, receipt: unknown, pinned = keys) =>
    write('receipt', `invalid-${name}`, code, { receipt, keys: pinned })
  const parts = (code: string, name: string, shown: unknown) =>
    refuse(name, code, { ...good, parts: shown })
  const event = {
    ...JSON.parse(exampleParts.core.text),
    actor: JSON.parse(exampleParts.actor.text),
    data: JSON.parse(exampleParts.data.text),
  }
  accept('whole', good, { cosigned, event })
  accept('core-only', { ...good, parts: { core } }, { cosigned })
  accept('nothing-shown', { ...good, parts: {} }, { cosigned })
  accept('cosigner-not-pinned', good, { cosigned: [] }, [log.vkey])
  refuse('no-key-pinned', 'key-unknown', good, [])
  refuse('stranger-pinned', 'key-unknown', good, [stranger.vkey])
  refuse('cosigner-pinned-alone', 'origin-mismatch', good, [cosigner.cosignerVkey])
  refuse('key-in-file', 'receipt-malformed', { ...good, vkey: log.vkey }, [])
  refuse('format-v2', 'receipt-malformed', { ...good, format: 'indelible-receipt/v2' })
  refuse('proof-missing', 'receipt-malformed', { ...good, proof: undefined })
  refuse('parts-array', 'receipt-malformed', { ...good, parts: [] })
  parts('part-mismatch', 'salt-flipped', { core: { ...core, salt: 'AgICAgICAgICAgICAgICAw==' } })
  parts('part-mismatch', 'text-changed', { data: { ...data, text: '{"plan":"free"}' } })
  parts('part-mismatch', 'text-space-added', { data: { ...data, text: `${data?.text} ` } })
  parts('part-mismatch', 'parts-swapped', { core: actor, actor: core })
  parts('part-unknown', 'part-not-in-entry', { core, changes: data })
  parts('part-malformed', 'salt-15-bytes', { core: { ...core, salt: 'AgICAgICAgICAgICAgIC' } })
  parts('receipt-malformed', 'salt-not-base64', { core: { ...core, salt: 'AgIC*' } })
  parts('receipt-malformed', 'part-member-unknown', { core: { ...core, hash: 'x' } })
  refuse('core-not-json', 'part-malformed', receiptOf({ core: { salt: 2, text: '{"action":' } }))
  const twice = '{"action":"a","id":"e-1","action":"b"}'
  refuse('core-member-twice', 'part-malformed', receiptOf({ core: { salt: 2, text: twice } }))
  refuse(
    'core-holds-part',
    'part-malformed',
    receiptOf({
      ...{ core: { salt: 2, text: '{"action":"a","data":{"n":1}}' }, data: exampleParts.data },
    }),
  )
  const earlier = good.entry.replace('1795205460123', '1795205460122')
  refuse('time-changed', 'inclusion-invalid', { ...good, entry: earlier })
  refuse('entry-malformed', 'entry-malformed', { ...good, entry: good.entry.trimEnd() })
  const proof = (name: string, code: string, text: string) =>
    refuse(name, code, { ...good, proof: text })
  proof('index-changed', 'inclusion-invalid', good.proof.replace('index 4', 'index 5'))
  proof('index-past-end', 'inclusion-invalid', good.proof.replace('index 4', 'index 7'))
  proof('index-missing', 'proof-malformed', good.proof.replace('index 4\n', ''))
  proof('hash-dropped', 'inclusion-invalid', good.proof.replace(/(index 4\n).*\n/, '$1'))
  proof('hash-not-base64', 'proof-malformed', good.proof.replace(/(index 4\n)./, '$1!'))
  proof('size-changed', 'signature-invalid', good.proof.replace('\n7\n', '\n8\n'))
  proof('origin-changed', 'signature-invalid', good.proof.replace(`\n${origin}\n`, '\nother\n'))
  proof('checkpoint-unsigned', 'note-malformed', good.proof.replace(/\n— [\s\S]*$/, '\n'))
  const otherLog = formatCheckpoint({
    origin: 'log.example/l/2',
    size: 7,
    root: new Uint8Array(32),
  })
  const head = good.proof.slice(0, good.proof.indexOf('\n\n') + 2)
  const foreign = `${head}${otherLog}\n${log.sign(otherLog)}`
  proof('checkpoint-of-other-log', 'origin-mismatch', foreign)
}

function writeNotes(): void {
  const text = 'log.example\n\nA text with an empty line.\n'
  const signed = `${text}\n${log.sign(text)}`
  const { keyId } = parseVerifierKey(log.vkey)
  const junk = formatSignatureLine(origin, keyId, new Uint8Array(64))
  const accept = (name: string, note: string, keys: string[], signers: string[]) =>
    write('note', `valid-${name}`, 'ok', { note, keys }, { signers })
  const refuse = (name: string, code: string, note: string, keys = [log.vkey]) =>
    write('note', `invalid-${name}`, code, { note, keys })
  const spec =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  const specKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  accept('c2sp-signed-note', spec, [specKey], ['example.com/foo'])
  accept('empty-line-in-text', signed, [log.vkey], [origin])
  accept('stranger-ignored', signed + stranger.sign(text), [log.vkey], [origin])
  const cosigned = signed + cosigner.cosign(cosignedAt, text)
  accept('cosigned', cosigned, [log.vkey, cosigner.cosignerVkey], [origin, 'log.example'])
  accept('signed-twice', signed + log.sign(text), [log.vkey], [origin])
  refuse('text-changed', 'signature-invalid', signed.replace('A text', 'a text'))
  refuse('known-signature-wrong', 'signature-invalid', signed + junk)
  refuse(
    'cosignature-of-other-text',
    'signature-invalid',
    signed + cosigner.cosign(cosignedAt, `${text}x\n`),
    [log.vkey, cosigner.cosignerVkey],
  )
  refuse('no-key', 'key-unknown', signed, [])
  refuse('key-unknown', 'key-unknown', signed, [stranger.vkey])
  refuse('key-id-wrong', 'key-malformed', signed, [log.vkey.replace(/\+......../, '+00000000')])
  refuse('unsigned', 'note-malformed', `${text}\n`)
  refuse('empty-line-missing', 'note-malformed', `one line\n${log.sign('one line\n')}`)
  refuse('last-line-end-missing', 'note-malformed', signed.slice(0, -1))
  refuse('tab-in-text', 'note-malformed', signed.replace('A text', 'A\ttext'))
  refuse('signature-unpadded', 'note-malformed', signed.replace('=', ''))
  refuse('dash-is-hyphen', 'note-malformed', signed.replace('—', '-'))
  refuse('signatures-101', 'note-malformed', signed + 'x'.repeat(100).replaceAll('x', junk))
}

function writeTrees(): void {
  const leaves = Array.from({ length: 11 }, (_, at) => leafOf(encodeUtf8(`leaf ${at}`)))
  const hex = (hashes: readonly Uint8Array[]) => hashes.map(formatHex)
  const rootAt = (size: number) => formatHex(naiveRoot(leaves.slice(0, size)))
  const inclusion = (index: number, size: number) => ({
    ...{ index, size, leafHash: hex(leaves)[index], root: rootAt(size) },
    hashes: hex(naiveInclusion(index, leaves.slice(0, size))),
  })
  const consistency = (from: number, to: number) => ({
    ...{ from, to, fromRoot: rootAt(from), toRoot: rootAt(to) },
    hashes: hex(naiveConsistency(from, leaves.slice(0, to))),
  })
  for (let size = 0; size <= 11; size += 1) {
    const input = { leafHashes: hex(leaves.slice(0, size)) }
    write('tree', `valid-size-${size}`, 'ok', input, { root: rootAt(size) })
  }
  for (const [index, size] of [
    [0, 1],
    [0, 8],
    [7, 8],
    [6, 7],
    [10, 11],
    [3, 11],
  ] as const) {
    write('inclusion', `valid-${index}-of-${size}`, 'ok', inclusion(index, size))
  }
  for (const [from, to] of [
    [1, 1],
    [1, 8],
    [4, 8],
    [6, 8],
    [7, 11],
    [8, 11],
    [11, 11],
  ] as const) {
    write('consistency', `valid-${from}-to-${to}`, 'ok', consistency(from, to))
  }
  const good = inclusion(6, 11)
  const wrongs = {
    'index-off-by-one': { index: 7 },
    'index-is-size': { index: 11 },
    'index-negative': { index: -1 },
    'hash-dropped': { hashes: good.hashes.slice(1) },
    'hash-added': { hashes: [...good.hashes, rootAt(0)] },
    'hashes-swapped': { hashes: good.hashes.toReversed() },
    'hash-short': { hashes: good.hashes.with(0, '00') },
    'leaf-of-other-entry': { leafHash: hex(leaves)[7] },
    'root-of-other-size': { root: rootAt(10) },
  }
  for (const [name, wrong] of Object.entries(wrongs)) {
    write('inclusion', `invalid-${name}`, 'inclusion-invalid', { ...good, ...wrong })
  }
  const grown = consistency(6, 11)
  const forks = {
    'hash-dropped': { hashes: grown.hashes.slice(1) },
    'hash-added': { hashes: [...grown.hashes, rootAt(0)] },
    'hashes-missing': { hashes: [] },
    'sizes-swapped': { from: 11, to: 6 },
    'first-root-other': { fromRoot: rootAt(5) },
    'second-root-other': { toRoot: rootAt(10) },
    'from-empty-tree': { from: 0, fromRoot: rootAt(0), hashes: [] },
    'same-size-other-root': { from: 11, hashes: [] },
    'same-size-with-hashes': { ...consistency(6, 6), hashes: [rootAt(6)] },
  }
  for (const [name, wrong] of Object.entries(forks)) {
    write('consistency', `invalid-${name}`, 'consistency-invalid', { ...grown, ...wrong })
  }
}

for (const kind of ['entry', 'receipt', 'note', 'tree', 'inclusion', 'consistency']) {
  rmSync(new URL(`${kind}/`, folder), { recursive: true, force: true })
}
writeEntries()
writeReceipts()
writeNotes()
writeTrees()
