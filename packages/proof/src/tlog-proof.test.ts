import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts'

const refusal = expect.objectContaining({ name: 'VerificationError', code: 'proof-malformed' })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const checkpoint = 'log.example\n8\nroot\n\n— log.example sig\n'

test('what is formatted is read back, the checkpoint verbatim', () => {
  const proof = fc.record(
    {
      index: fc.maxSafeInteger().map(Math.abs),
      hashes: fc.array(hash, { maxLength: 64 }),
      checkpoint: fc.constant(checkpoint),
      extra: fc.uint8Array(),
    },
    { requiredKeys: ['index', 'hashes', 'checkpoint'] },
  )
  fc.assert(
    fc.property(proof, (fields) => {
      expect(parseTlogProof(formatTlogProof(fields))).toEqual(fields)
    }),
  )
})

test('a proof is written as the specification shows it', () => {
  const hashes = [new Uint8Array(32), new Uint8Array(32).fill(255)]
  expect(formatTlogProof({ index: 41, hashes, checkpoint, extra: Uint8Array.of(1) })).toBe(
    'c2sp.org/tlog-proof@v1\nextra AQ==\nindex 41\n' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n' +
      `//////////////////////////////////////////8=\n\n${checkpoint}`,
  )
})

const zero = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
test.each([
  ['nothing', ''],
  ['another version', `c2sp.org/tlog-proof@v2\nindex 1\n\n${checkpoint}`],
  ['no index', `c2sp.org/tlog-proof@v1\n${zero}\n\n${checkpoint}`],
  ['a bare index', `c2sp.org/tlog-proof@v1\n1\n\n${checkpoint}`],
  ['a leading zero', `c2sp.org/tlog-proof@v1\nindex 01\n\n${checkpoint}`],
  ['a negative index', `c2sp.org/tlog-proof@v1\nindex -1\n\n${checkpoint}`],
  [
    'the index before the extra data',
    `c2sp.org/tlog-proof@v1\nindex 1\nextra AQ==\n\n${checkpoint}`,
  ],
  ['extra data that is not base64', `c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\n${checkpoint}`],
  ['a short hash', `c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n${checkpoint}`],
  ['a hash in hexadecimal', `c2sp.org/tlog-proof@v1\nindex 1\n${'0'.repeat(64)}\n\n${checkpoint}`],
  ['65 hashes', `c2sp.org/tlog-proof@v1\nindex 1\n${`${zero}\n`.repeat(65)}\n${checkpoint}`],
  ['CRLF', `c2sp.org/tlog-proof@v1\r\nindex 1\r\n\r\n${checkpoint}`],
  ['no empty line', 'c2sp.org/tlog-proof@v1\nindex 1\n'],
  ['megabytes of text', `c2sp.org/tlog-proof@v1\nindex 1\n\n${'x'.repeat(3 * 1024 * 1024)}`],
])('a proof with %s is refused', (_, text) => {
  expect(() => parseTlogProof(text)).toThrow(refusal)
})

test('what cannot be a proof is not written', () => {
  expect(() => formatTlogProof({ index: -1, hashes: [], checkpoint })).toThrow(refusal)
  expect(() => formatTlogProof({ index: 1, hashes: [new Uint8Array(31)], checkpoint })).toThrow(
    refusal,
  )
  const hashes = Array.from({ length: 65 }, () => new Uint8Array(32))
  expect(() => formatTlogProof({ index: 1, hashes, checkpoint })).toThrow(refusal)
})
