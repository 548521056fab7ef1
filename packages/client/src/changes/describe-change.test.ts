import { expect, test } from 'vitest'
import { ClientError } from '../error.ts'
import { type Change, describeChange } from './describe-change.ts'

const action = 'user.updated'

test('an event has the state before and after, and the difference beside its own data', () => {
  class User {
    readonly name: string
    readonly since = new Date(0)
    readonly unset = undefined
    constructor(name: string) {
      this.name = name
    }
  }
  const change = {
    action,
    before: new User('Ann'),
    after: new User('Zoë'),
    data: { reason: 'asked' },
  }
  expect(describeChange(change)).toEqual({
    action,
    changes: {
      before: { name: 'Ann', since: '1970-01-01T00:00:00.000Z' },
      after: { name: 'Zoë', since: '1970-01-01T00:00:00.000Z' },
    },
    data: { reason: 'asked', patch: [{ op: 'replace', path: '/name', value: 'Zoë' }] },
  })
})

test('what was created, deleted or left alone says so in one operation or none', () => {
  const patchOf = (change: Omit<Change, 'action'>) =>
    describeChange({ action, ...change }).data?.patch
  expect(patchOf({ after: { id: 1 } })).toEqual([{ op: 'add', path: '', value: { id: 1 } }])
  expect(patchOf({ before: { id: 1 }, after: null })).toEqual([
    { op: 'replace', path: '', value: null },
  ])
  expect(patchOf({ before: { id: 1 }, after: { id: 1 } })).toEqual([])
  expect(describeChange({ action }).changes).toEqual({ before: null, after: null })
})

test('a changed secret is seen to have changed, and nowhere what it is', () => {
  const event = describeChange({
    action,
    before: { passwordHash: 'hunter1', api: { keys: [{ apiKey: 'k-1' }] }, n: 1 },
    after: { passwordHash: 'hunter2', api: { keys: [{ apiKey: 'k-2' }] }, n: 1 },
  })
  expect(event.changes?.before).toEqual(event.changes?.after)
  expect(event.data?.patch).toEqual([
    { op: 'replace', path: '/passwordHash', value: '[redacted:password]' },
    { op: 'replace', path: '/api/keys/0/apiKey', value: '[redacted:api-key]' },
  ])
  const lists = { before: { tokenValue: ['a'] }, after: { tokenValue: ['a', 'b'] } }
  expect(describeChange({ action, ...lists }).data?.patch).toEqual([
    { op: 'add', path: '/tokenValue/1', value: '[redacted:token]' },
  ])
  expect(JSON.stringify(event)).not.toMatch(/hunter|k-/)
})

test('a member called __proto__ is a member', () => {
  const after = JSON.parse('{"__proto__":{"password":"x"}}')
  const event = describeChange({ action, before: {}, after })
  expect(JSON.stringify(event.changes?.after)).toBe(
    '{"__proto__":{"password":"[redacted:password]"}}',
  )
  expect(JSON.stringify(event.data?.patch)).toContain('"path":"/__proto__"')
})

test('what can not be told is refused: a cycle, a bigint, a list, a patch in the way', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  let deep: object = {}
  for (let level = 0; level < 100_000; level += 1) deep = { deep }
  const data = { patch: 1 }
  const refused: Omit<Change, 'action'>[] = [
    { before: cycle },
    { after: { n: 1n } },
    { after: [1] },
    { before: deep, after: { deep } },
    { data },
  ]
  for (const change of refused) {
    expect(() => describeChange({ action, ...change })).toThrow(
      expect.objectContaining({ name: ClientError.name, code: 'event-invalid' }),
    )
  }
})

test('a nesting that JSON just bears is compared, and masked where no event is so deep', () => {
  const nest = (value: unknown): object => {
    let nested: object = { value }
    for (let level = 0; level < 1_500; level += 1) nested = { nested }
    return nested
  }
  const { data } = describeChange({ action, before: nest(1), after: nest(2) })
  expect(data?.patch).toMatchObject([{ op: 'replace', value: '[redacted:depth]' }])
})
