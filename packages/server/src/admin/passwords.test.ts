import { limits } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { createPasswords, findPasswordFault } from './passwords.ts'

const passwords = createPasswords()

test('a password is hashed with argon2id at 19 MiB, two passes, one lane, and a salt of its own', async () => {
  const [one, other] = [
    await passwords.hash('correct horse'),
    await passwords.hash('correct horse'),
  ]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(one).not.toBe(other)
  expect(await passwords.verify(one, 'correct horse')).toBe(true)
  expect(await passwords.verify(one, 'correct hors')).toBe(false)
})

test('where there is no user, the same work is done and the answer is no (A-17)', async () => {
  expect(await passwords.verify(undefined, 'correct horse')).toBe(false)
})

test('no byte of a password is ignored: not past NUL, not past 72, not by normalising (A-25)', async () => {
  const long = 'x'.repeat(limits.passwordBytesMax - 1)
  const pairs = [
    ['before\0after-1', 'before\0after-2'],
    [`${long}1`, `${long}2`],
    ['caf\u00e9 caf\u00e9 caf\u00e9', 'cafe\u0301 cafe\u0301 cafe\u0301'],
    ['Correct Horse', 'correct horse'],
    ['correct horse', 'correct horse '],
  ] as const
  for (const [one, other] of pairs) {
    expect(await passwords.verify(await passwords.hash(one), other)).toBe(false)
  }
})

test('a password that is short, overlong, has NUL or half a character is refused (A-25)', () => {
  expect(findPasswordFault('twelve chars', '/p')).toBeUndefined()
  expect(findPasswordFault(`e${'é'.repeat(limits.passwordBytesMax / 2 - 1)}`, '/p')).toBeUndefined()
  for (const faulty of [
    '',
    'eleven char',
    '😀'.repeat(11),
    'é'.repeat(limits.passwordBytesMax / 2 + 1),
    'before NUL \0 and after',
    'half a character \ud800',
  ]) {
    expect(findPasswordFault(faulty, '/p')).toMatchObject({ pointer: '/p' })
  }
})

test('a password of any characters will do, but none that is tried first', () => {
  for (const fine of [
    'twelve chars',
    'ZZZZZZZZZZZZy',
    '🐎🔋📎✅🐎🔋📎✅🐎🔋📎🐎',
    'ada likes cheese',
    '            .',
  ]) {
    expect(findPasswordFault(fine, '/p', 'ada'), fine).toBeUndefined()
  }
  const tried = [
    'aaaaaaaaaaaa',
    'PasswordPassword',
    '123123123123',
    '345678901234',
    'lkjhgfdsaPOIUYT',
  ]
  const named = [
    'ada.lovelace!',
    'Lovelace12345',
    'indelible-2026',
    'Audit-Password-1',
    'admin-admin-123',
  ]
  for (const guessable of [...tried, ...named]) {
    expect(findPasswordFault(guessable, '/p', 'ada.lovelace'), guessable).toBeDefined()
  }
})

test('a password on the list of those that others have used is refused, in any case of letters', () => {
  const { findFault } = createPasswords({ refused: new Set(['iloveyou4ever']) })
  expect(findFault('ILoveYou4Ever', '/p', 'ada')).toMatchObject({ pointer: '/p' })
  expect(findFault('I love you 4 ever', '/p', 'ada')).toBeUndefined()
})

test('beyond the waiting room log-ins are pushed back, and all who waited are served (A-20)', async () => {
  const narrow = createPasswords({ hashesMax: 1, waitingMax: 3 })
  const attempts = Array.from({ length: 10 }, () => narrow.verify(undefined, 'flood'))
  const settled = await Promise.allSettled(attempts)
  expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(4)
  for (const one of settled) {
    if (one.status === 'rejected') {
      expect(one.reason).toMatchObject({ code: 'pushback', retryAfterS: 2 })
    }
  }
  expect(await narrow.verify(undefined, 'afterwards')).toBe(false)
})
