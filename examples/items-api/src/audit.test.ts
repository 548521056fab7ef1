import { startTestServer } from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPassword, startApp } from './testing/start-app.ts'

const indelible = await startTestServer()
const app = await startApp({ indelible, tenant: 'audit' })
const admin = await app.logIn('admin', adminPassword)
const ask = (query: string, token = admin) => app.ask(`/audit?${query}`, { token })

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await indelible[Symbol.asyncDispose]()
})

/** When the first of bob's was made. */
let halftime = ''
beforeAll(async () => {
  const ada = await app.join('ada')
  const bob = await app.join('bob')
  for (const n of [1, 2, 3]) await app.ask('/items', { token: ada, body: item('ada', n) })
  for (const n of [4, 5]) await app.ask('/items', { token: bob, body: item('bob', n) })
  const [first] = await app.trail('user=bob&action=items.create')
  halftime = first?.time ?? ''
})
const item = (by: string, n: number) => ({ name: `${n} of ${by}`, price: n })

const namesOf = (page: { entries: { payload: { name: string } }[] }) =>
  page.entries.map(({ payload }) => payload.name)

describe('an admin finds', () => {
  test.each([
    ['by user', 'user=ada&action=items.create', ['3 of ada', '2 of ada', '1 of ada']],
    ['by action', 'action=items.create&limit=2', ['5 of bob', '4 of bob']],
    ['by the beginning of an action', 'user=bob&action=items.*', ['5 of bob', '4 of bob']],
    ['nothing of nobody', 'user=nobody', []],
  ])('%s', async (_, query, names) => {
    const { status, json } = await ask(query)
    expect(status).toBe(200)
    expect(namesOf(json)).toEqual(names)
  })

  test('by date: since is included, until is not', async () => {
    const after = await ask(`action=items.create&since=${halftime}`)
    expect(namesOf(after.json)).toEqual(['5 of bob', '4 of bob'])
    const before = await ask(`action=items.create&until=${halftime}`)
    expect(namesOf(before.json)).toEqual(['3 of ada', '2 of ada', '1 of ada'])
    const { json: page } = await ask('user=ada&action=items.create&limit=1')
    const at = page.entries[0].time
    expect(namesOf((await ask(`action=items.create&since=${at}&until=${halftime}`)).json)).toEqual([
      '3 of ada',
    ])
    expect((await ask('since=2001-01-01&until=2001-01-02')).json.entries).toEqual([])
  })

  test('page by page, without gap or repeat, while others write', async () => {
    const seen: string[] = []
    const token = await app.join('carol')
    let cursor = ''
    for (let n = 0; n < 3; n++) {
      const { json } = await ask(`action=items.create&until=${halftime}&limit=1${cursor}`)
      seen.push(...namesOf(json))
      await app.ask('/items', { token, body: item('carol', n) })
      cursor = `&cursor=${json.next}`
    }
    expect(seen).toEqual(['3 of ada', '2 of ada', '1 of ada'])
  })

  test('what happened the moment before', async () => {
    const token = await app.join('dora')
    for (let n = 0; n < 10; n++) {
      await app.ask('/items', { token, body: item('dora', n) })
      const { json } = await ask('user=dora&action=items.create&limit=1')
      expect(namesOf(json)).toEqual([`${n} of dora`])
    }
  })
})

describe('the trail is closed to', () => {
  test('strangers', async () => {
    expect((await app.ask('/audit')).status).toBe(401)
    expect((await ask('', 'not.a.token')).status).toBe(401)
  })
  test('users who are no admins', async () => {
    const { status, json } = await ask('user=ada', await app.logIn('ada'))
    expect([status, json.code, json.entries]).toEqual([403, 'permission-missing', undefined])
  })
})

test.each([
  ['user=NOT+A+NAME', 'user'],
  ['user=*', 'user'],
  ['usr=ada', 'usr'],
  ['since=yesterday', 'since'],
  ['until=2026-13-01', 'until'],
  ['since=2026-01-01T00:00:00', 'since'],
  ['limit=0', 'limit'],
  ['limit=101', 'limit'],
  ['limit=ten', 'limit'],
  ['cursor=', 'cursor'],
  ['cursor=made-up', 'cursor'],
  ['action=', 'action'],
])('a filter %s is refused, and named', async (query, field) => {
  const { status, json } = await ask(query)
  expect([status, json.code]).toEqual([400, 'request-invalid'])
  expect(json.errors.map((fault: { field: string }) => fault.field)).toEqual([field])
})
