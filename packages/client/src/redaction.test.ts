import { expect, test } from 'vitest'
import { redactSecrets } from './redaction.ts'

test('secrets are known by the end of their members’ names, and what only speaks of them stays', () => {
  const kept = { passwordChangedAt: 'x', tokenCount: 3, hasPassword: 'no', keys: 1, pinned: 'x' }
  const value = {
    newPassword: 'x',
    DB_PASSWORD: 'x',
    'x-api-key': 'x',
    Authorization: 'Bearer x',
    nested: [{ cvv: 123, secret: { id: 'of what', value: 'x', rotated: true } }],
    tokens: 12,
    password: null,
    ...kept,
  }
  expect(redactSecrets(value)).toEqual({
    newPassword: '[redacted:password]',
    DB_PASSWORD: '[redacted:password]',
    'x-api-key': '[redacted:api-key]',
    Authorization: '[redacted:authorization]',
    nested: [
      {
        cvv: '[redacted:card]',
        secret: { id: 'of what', value: '[redacted:secret]', rotated: true },
      },
    ],
    tokens: 12,
    password: null,
    ...kept,
  })
})

test('names can be added, and what is masked stays as it is', () => {
  const once = redactSecrets({ national_id: 'AB', list: [{ nationalId: 7 }] }, ['nationalId'])
  expect(once).toEqual({
    national_id: '[redacted:nationalid]',
    list: [{ nationalId: '[redacted:nationalid]' }],
  })
  expect(redactSecrets(once, ['nationalId'])).toBe(once)
})

test('where there is nothing to mask it is the value itself, and never changed', () => {
  const value = Object.freeze({ a: Object.freeze([1, 'x']), deep: Object.freeze({ b: null }) })
  expect(redactSecrets(value)).toBe(value)
  const mixed = { a: value, password: 'x' }
  expect((redactSecrets(mixed) as typeof mixed).a).toBe(value)
  expect(mixed.password).toBe('x')
})

test('what is nested deeper than an event may be is masked as a whole', () => {
  let deep: unknown = 'secret'
  for (let level = 0; level < 10_000; level += 1) deep = [deep]
  expect(JSON.stringify(redactSecrets(deep))).toContain('[redacted:depth]')
})
