import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApiKey, createToken, digestSecret, formatApiKey, parseApiKey } from './api-key.ts'

test('a key comes back as it was written', () => {
  const key = createApiKey(randomBytes)
  expect(parseApiKey(formatApiKey(key))).toEqual(key)
  expect(formatApiKey(key)).toMatch(/^ind_[a-z2-7]{12}_[0-9A-Za-z]{32}$/)
})

test('two keys have nothing in common', () => {
  const keys = Array.from({ length: 100 }, () => createApiKey(randomBytes))
  expect(new Set(keys.map((key) => key.id)).size).toBe(100)
  expect(new Set(keys.map((key) => key.secret)).size).toBe(100)
})

test('every character of a token is as likely as any other', () => {
  let next = 0
  const everyByte = (size: number) => Uint8Array.from({ length: size }, () => next++ % 256)
  const text = createToken(everyByte, 'abcdefghijk', 11 * 23)
  for (const character of 'abcdefghijk') expect(text.split(character).length - 1).toBe(23)
})

test('prefix, case, white space and foreign digits make another text, which is no key (A-13)', () => {
  const text = formatApiKey({ id: 'abcdefghijk2', secret: 'A1'.repeat(16) })
  expect(parseApiKey(text)).toBeDefined()
  const spoilt = [
    text.slice(4),
    text.toUpperCase(),
    text.replace('ind_', 'IND_'),
    text.replace('abc', 'Abc'),
    ` ${text}`,
    `${text} `,
    `${text}\n`,
    `${text}\0`,
    text.slice(0, -1),
    `${text}A`,
    text.replace('1', '１'),
    text.replace('1', '١'),
    text.replaceAll('_', '-'),
    text.repeat(10),
  ]
  for (const other of spoilt) expect(parseApiKey(other)).toBeUndefined()
})

test('parsing never throws, and accepts only what formatting gives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const key = parseApiKey(text)
      expect(key === undefined || formatApiKey(key) === text).toBe(true)
    }),
  )
})

test('the digest is SHA-256', () => {
  expect(digestSecret('abc').toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
