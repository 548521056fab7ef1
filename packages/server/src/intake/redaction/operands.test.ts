import { expect, it } from 'vitest'
import { createRedactor } from '../redact.ts'
import type { RedactionRules } from './rules.ts'

const redactWith = (rules: RedactionRules) => createRedactor({ rules, hashSecret: 'test' }).redact

/** What is kept of the operation that puts a value there. */
const keep = (path: string, value: unknown, rules: RedactionRules = {}) =>
  redactWith(rules)({ data: { patch: [{ op: 'replace', path, value }] } }).data.patch[0]?.value

it.each<[path: string, value: unknown, kept: unknown]>([
  ['/password', 'x', '[redacted:password]'],
  ['/user/newPassword', 481516, '[redacted:password]'],
  ['/users/0/api_key', 'x', '[redacted:api-key]'],
  ['/passwords/3', 'x', '[redacted:password]'],
  ['/secret/inner/deep', 'x', '[redacted:secret]'],
  ['/secret/name', 'x', 'x'],
  ['/a~1password', 'x', '[redacted:password]'],
  ['/authorization/0', 'x', '[redacted:authorization]'],
  ['/authorization/scheme', 'x', 'x'],
  [
    '/token',
    { id: 'i', value: ['x'], n: 1 },
    { id: 'i', value: ['[redacted:token]'], n: '[redacted:token]' },
  ],
  ['', { password: 'x', name: 'y' }, { password: '[redacted:password]', name: 'y' }],
  ['/passwordChangedAt', 'x', 'x'],
  ['/password', null, null],
])('the value at %s of a JSON Patch is treated as the member it is about', (path, value, kept) => {
  expect(keep(path, value)).toEqual(kept)
})

it('rules for paths in `changes` hold for the difference, too', () => {
  const rules: RedactionRules = {
    add: [
      { name: 'ssn', paths: ['changes.before.ssn', 'changes.after.ssn'], action: 'hash' },
      { name: 'home', paths: ['changes.after.address'], action: 'mask' },
      { name: 'pay', paths: ['changes.*.contracts.*.salary'], action: 'drop' },
    ],
  }
  const state = { ssn: 'AB', address: { city: 'Ur' }, contracts: [{ salary: 1, title: 't' }] }
  const kept = redactWith(rules)({
    changes: { before: null, after: state },
    data: { patch: [{ op: 'add', path: '', value: state }] },
  })
  expect(kept.data.patch[0]?.value).toEqual(kept.changes.after)
  expect(kept.changes.after.contracts).toEqual([{ title: 't' }])
  expect(keep('/ssn', 'AB', rules)).toEqual(kept.changes.after.ssn)
  expect(keep('/address/city', 'Ur', rules)).toBe('[redacted:home]')
  expect(keep('/contracts/0', { salary: 1, title: 't' }, rules)).toEqual({ title: 't' })
  expect(keep('/contracts/0/salary', 1, rules)).toBeUndefined()
  expect(keep('/other/ssn', 'AB', rules)).toBe('AB')
})

it('rules of their own for names hold, redacting twice changes nothing more', () => {
  const redact = redactWith({ add: [{ name: 'pay', key: 'salary', action: 'hash' }] })
  const once = redact({
    salary: 5,
    patch: [
      { op: 'replace', path: '/salary', value: 5 },
      { op: 'move', from: '/password', path: '/salary' },
    ],
  })
  expect(once.patch).toEqual([
    { op: 'replace', path: '/salary', value: once.salary },
    { op: 'move', from: '/password', path: '/salary' },
  ])
  expect(redact(once)).toEqual(once)
})

it('a sibling that names the value is heard beside the path', () => {
  const operation = { op: 'add', path: '/variables/0', name: 'DB_PASSWORD', value: 'x' }
  expect(redactWith({})(operation).value).toBe('[redacted:password]')
})

it('a path of a caller’s making takes no more time than its length', () => {
  const rules: RedactionRules = {
    add: [{ name: 'deep', paths: ['changes.after.*.*.*.*.*.x'], action: 'mask' }],
  }
  expect(keep('/0'.repeat(50_000), 'x', rules)).toBe('x')
  expect(keep(`${'/0'.repeat(20)}/x`, 'y', rules)).toBe('[redacted:deep]')
})
