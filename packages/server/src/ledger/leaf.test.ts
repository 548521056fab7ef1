import { commitPart, formatEntry, hashEntry } from '@indelible/proof'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Parts } from '../store/store.ts'
import { formatLeaf, hashLeaf, readSalts } from './leaf.ts'

const secret = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')

test('the fast leaf is the leaf that the trust kernel computes, for any texts', () => {
  const text = fc.string({ unit: 'grapheme' })
  const anyParts = fc.record(
    { core: text, actor: text, changes: text, context: text, data: text, targets: text },
    { requiredKeys: ['core'] },
  )
  fc.assert(
    fc.property(anyParts, fc.nat(), (parts, received) => {
      const leaf = { type: 'event', received, secret, parts: parts as Parts } // core is required
      const commitments: Record<string, Uint8Array> = {}
      for (const [label, salt] of readSalts(secret, leaf.parts)) {
        commitments[label] = commitPart(label, parts[label] ?? '', salt)
      }
      const entry = formatEntry({ type: 'event', time: received, commitments })
      expect(formatLeaf(leaf)).toBe(entry)
      expect(hashLeaf(leaf)).toBe(Buffer.from(hashEntry(entry)).toString('latin1'))
    }),
  )
})

test('a type that differs in one character has another leaf, also beyond one byte', () => {
  const leaf = { type: 'event', received: 1, secret, parts: { core: '{}' } }
  expect(hashLeaf({ ...leaf, type: '\u0165vent' })).not.toBe(hashLeaf(leaf)) // 0x65 is e
})

test('every part has a salt of its own, and no salt is the secret', () => {
  const parts = { core: '{}', actor: '{}', data: '{}' }
  const salts = [...readSalts(secret, parts).values()].map((salt) => salt.toString('hex'))
  expect(new Set([...salts, secret.toString('hex')]).size).toBe(4)
})

test('a part longer than the scratch buffer is hashed whole', () => {
  const parts = { core: '{}', data: JSON.stringify('ü'.repeat(2_000_000)) }
  const leaf = { type: 'event', received: 1, secret, parts }
  const salt = readSalts(secret, parts).get('data') ?? new Uint8Array(16)
  const commitment = Buffer.from(commitPart('data', parts.data, salt)).toString('base64')
  expect(formatLeaf(leaf)).toContain(`part data ${commitment}\n`)
  const short = { ...leaf, parts: { core: '{}', data: '""' } }
  expect(hashLeaf(short)).toBe(Buffer.from(hashEntry(formatLeaf(short))).toString('latin1'))
})
