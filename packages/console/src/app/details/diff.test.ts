import { expect, test } from 'vitest'
import { diffStates, equalJson, formatJsonValue } from './diff.ts'

test('a difference is told by member, whatever the order of members', () => {
  const before = { role: 'member', limits: { seats: 5, regions: ['eu'] }, notes: 'x', same: [1] }
  const after = {
    sso: true,
    same: [1],
    limits: { regions: ['eu', 'us'], seats: 25 },
    role: 'admin',
  }
  expect(diffStates(before, after)).toEqual([
    { path: 'sso', kind: 'added', after: true },
    { path: 'limits.regions', kind: 'added', after: 'us' },
    { path: 'limits.seats', kind: 'changed', before: 5, after: 25 },
    { path: 'role', kind: 'changed', before: 'member', after: 'admin' },
    { path: 'notes', kind: 'removed', before: 'x' },
  ])
})

test('no change is hidden: order, repetition and elements of lists count', () => {
  expect(diffStates({ a: [1, 2] }, { a: [2, 1] })).toHaveLength(1)
  expect(diffStates({ a: [1] }, { a: [1, 1] })).toHaveLength(1)
  expect(diffStates({ a: ['x', 'x'] }, { a: ['x', 'y'] })).toEqual([
    { path: 'a', kind: 'removed', before: 'x' },
    { path: 'a', kind: 'added', after: 'y' },
  ])
  expect(diffStates({ a: [{ b: 1 }, { c: 2 }] }, { a: [{ b: 3 }] })).toEqual([
    { path: 'a[0].b', kind: 'changed', before: 1, after: 3 },
    { path: 'a[1]', kind: 'removed', before: { c: 2 } },
  ])
  expect(diffStates({ a: null }, { a: {} })).toHaveLength(1)
  expect(diffStates({}, {})).toEqual([])
})

test('equality is of JSON: members in any order, lists in theirs, own members only', () => {
  expect(equalJson({ a: 1, b: [2, { c: null }] }, { b: [2, { c: null }], a: 1 })).toBe(true)
  expect(equalJson([1, 2], [2, 1])).toBe(false)
  expect(equalJson({ a: undefined }, { b: undefined })).toBe(false)
  expect(equalJson({ constructor: 1 }, { toString: 1 })).toBe(false)
  expect(equalJson([], {})).toBe(false)
  expect(equalJson('1', 1)).toBe(false)
})

test('values are shown as they were written', () => {
  expect(formatJsonValue('a "b"')).toBe('a "b"')
  expect(formatJsonValue({ a: [null] })).toBe('{"a":[null]}')
})
