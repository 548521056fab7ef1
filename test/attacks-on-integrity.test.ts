import { join } from 'node:path'
import { verifyReceipt } from '@indelible/proof'
import {
  createTemporaryFolder,
  numberedEvents,
  startTestServer,
  type TestServer,
  testAdminPassword,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { listOperations, requestOf } from './attacks/operations.ts'
import { auditStore, copyGuard, copyStore, tamperStore } from './attacks/store.ts'

/** What somebody does to be believed more than they may: fields of ours, times, forged stores. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const event = { action: 'a.b', actor: { id: 'u_1' } }

describe('what the ledger alone says', () => {
  const ours = {
    ...{
      index: 7,
      seq: 7,
      hash: 'f'.repeat(64),
      prev: 'f'.repeat(64),
      received: '2020-01-01T00:00:00Z',
    },
    ...{ type: 'checkpoint', version: 2, origin: 'evil.example', log: 'other', generation: 9 },
    ...{ erased: [], duplicate: true, secret: 'x', root: 'f'.repeat(64), proof: 'x', core: '{}' },
  }

  test.each(Object.entries(ours))('is not taken from an event: %s (M-01)', async (name, value) => {
    const answer = await post('/v1/events', [event, { ...event, [name]: value }])
    expect([answer.status, answer.json.code]).toEqual([422, 'event-invalid'])
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      `/1/${name}`,
    ])
  })

  test('is not taken as other types, nor from ids and tenants that are none (M-01)', async () => {
    for (const [name, value] of [
      ...[
        ['id', 7],
        ['id', '..'],
        ['id', 'a/b'],
        ['id', ['x']],
        ['id', { $ne: 1 }],
        ['tenant', 7],
      ],
      ...[
        ['tenant', '_system'],
        ['tenant', ['x']],
        ['time', 0],
        ['outcome', 'erased'],
        ['actor', 'root'],
      ],
    ] as const) {
      const { status } = await post('/v1/events', { ...event, [name]: value })
      expect([name, value, status]).toEqual([name, value, expect.toBeOneOf([403, 422])])
    }
  })

  test('is what the ledger says, wherever else an event says it (M-02)', async () => {
    for (const other of [
      'Index',
      'INDEX',
      ' index',
      'index\u200b',
      'constructor',
      'prototype',
      'toString',
    ]) {
      expect([other, (await post('/v1/events', { ...event, [other]: 7 })).status]).toEqual([
        other,
        422,
      ])
    }
    const plain = JSON.stringify(event)
    for (const text of [
      `{"__proto__":{"index":7,"tenant":"_system"},${plain.slice(1)}`,
      `{"\\u005f_proto__":{"hash":"f"},${plain.slice(1)}`,
      `[[${plain}]]`,
      `{"event":${plain}}`,
      `{"0":${plain}}`,
    ]) {
      const headers = { 'content-type': 'application/json' }
      const { status } = await ask('/v1/events', { method: 'POST', headers, body: text })
      expect([text, status]).toEqual([text, expect.toBeOneOf([400, 422])])
    }
    const nested = {
      ...{ ...event, tenant: 'nested', id: 'n', context: { ...ours, tenant: 'other' } },
      ...{
        actor: { id: 'u_1', index: 7, hash: 'f' },
        targets: [{ type: 't', id: 'x', received: '2020-01-01T00:00:00Z' }],
      },
      data: { ...ours, event: { index: 9 }, tenant: '_system' },
    }
    const head = (await post('/v1/events', nested)).json
    const { json } = await ask('/v1/events/n?tenant=nested')
    expect(json).toMatchObject({
      tenant: 'nested',
      index: 0,
      type: 'event',
      received: head.received,
      hash: head.hash,
    })
    expect(json.event.data.index).toBe(7)
    expect(Math.abs(Date.parse(json.received) - Date.now())).toBeLessThan(60_000)
    const proto = `{"data":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}},${plain.slice(1)}`
    await ask('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: proto,
    })
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})

test('no answer holds a secret: none of keys, passwords, sessions, the seed or entries’ salts (M-04)', async () => {
  const password = 'a password of the tests'
  const { key, id } = (
    await post('/v1/keys', { name: 'k', scopes: ['read', 'admin'], tenants: ['*'] })
  ).json
  await post('/v1/users', { username: 'ada', role: 'admin', tenants: ['*'], password })
  const { token } = (await post('/v1/login', { username: 'ada', password })).json
  await post('/v1/events', { ...event, tenant: 'own', id: 'mine' })
  await ask('/v1/events/mine/receipt?tenant=own')
  const secrets = [
    key.split('_')[2],
    password,
    testAdminPassword,
    testRootKey,
    token,
    token.split('.')[2],
  ]
  const document = (await ask('/openapi.json')).json
  let read = 0
  for (const operation of listOperations(document)) {
    if (operation.method !== 'GET' || operation.operationId === 'followEvents') continue
    for (const tenant of ['own', '_system']) {
      const named = { tenant, event: 'mine', key: id, username: 'ada' }
      const { text } = await ask(requestOf(operation, named).path)
      for (const secret of secrets)
        expect([operation.operationId, text.includes(secret)]).toEqual([
          operation.operationId,
          false,
        ])
      expect([
        operation.operationId,
        /\$argon2|passwordHash|"epoch"|"hash":"[0-9a-f]{64}","scopes"/.test(text),
      ]).toEqual([operation.operationId, false])
      // Salts are told to who may read the entry, in its receipt, and nowhere else.
      if (operation.operationId !== 'readReceipt') expect(text).not.toContain('"salt"')
      read++
    }
  }
  expect(read).toBeGreaterThan(50)
})

test('a time ten years off is told apart from ours, and one ahead of us is refused (R-03)', async () => {
  const years = (count: number) => new Date(Date.now() + count * 365.25 * 86_400_000).toISOString()
  for (const time of [years(10), years(0.001), '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z']) {
    const { status, json } = await post('/v1/events', { ...event, time })
    expect([time, status, json.errors?.[0]?.pointer]).toEqual([time, 422, '/time'])
  }
  const sent = ['now', years(-10), 'later', '0001-01-01T00:00:00Z'].map((time, n) => ({
    ...{ ...event, tenant: 'times', id: `t${n}` },
    ...(time.includes('T') ? { time } : {}),
  }))
  for (const one of sent) expect((await post('/v1/events', one)).status).toBe(201)
  const { entries } = (await ask('/v1/events?tenant=times&order=asc')).json
  expect(entries.map(({ event: { id } }: { event: { id: string } }) => id)).toEqual([
    't0',
    't1',
    't2',
    't3',
  ])
  const received: string[] = entries.map((entry: { received: string }) => entry.received)
  expect(received).toEqual(received.toSorted())
  expect(Math.abs(Date.parse(entries[1].received) - Date.now())).toBeLessThan(60_000)
  expect(entries[1].event.time).toBe(sent[1]?.time)
})

test('of a hundred at once with one id and other contents one is kept, and it stays (R-01)', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      post('/v1/events', { ...event, tenant: 'race', id: 'r', data: { n } }),
    ),
  )
  const kept = answers.filter(({ status }) => status === 201)
  expect([kept.length, answers.filter(({ status }) => status === 409).length]).toEqual([1, 99])
  const mixed = await post('/v1/events', [
    { ...event, tenant: 'race' },
    { ...event, tenant: 'race', id: 'r', data: { n: -1 } },
  ])
  expect(mixed.json.code).toBe('idempotency-conflict')
  expect((await ask('/v1/logs/race')).json.size).toBe(1)
  expect((await ask('/v1/events/r?tenant=race')).json.hash).toBe(kept[0]?.json.hash)
})

describe('in the store itself', async () => {
  const temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  afterAll(() => temporary[Symbol.dispose]())
  const sizes = { default: 300, acme: 20 }
  const vkey = await fill()
  const { isOnPostgres, ofLog } = describeStore()

  async function fill(): Promise<string> {
    await using first = await startTestServer({ folder })
    for (const [tenant, size] of Object.entries(sizes)) {
      await first.post('/v1/events', numberedEvents(tenant, size))
      await first.ask(`/v1/events/${tenant}-${size - 1}/receipt?tenant=${tenant}`)
    }
    return (await first.ask('/v1/logs/default')).json.vkey
  }

  /** How a statement names a log, which each store does in its own way. */
  function describeStore() {
    const onPostgres = process.env.INDELIBLE_TEST_STORE === 'postgres'
    const number = (tenant: string) => `(SELECT number FROM log WHERE tenant = '${tenant}')`
    return {
      isOnPostgres: onPostgres,
      ofLog: (tenant: string) => (onPostgres ? `tenant = '${tenant}'` : `log = ${number(tenant)}`),
    }
  }

  async function findAfter(sql: string) {
    using copy = await copyStore(folder)
    await tamperStore(copy.path, { sqlite: sql, postgres: sql })
    return auditStore(copy.path)
  }
  const text = 'core, data, actor, hash, secret'

  test('an untouched one passes, or what follows would show nothing (R-05)', async () => {
    using copy = await copyStore(folder)
    expect(await auditStore(copy.path)).toEqual([])
  })

  test.each([
    [
      'a changed event',
      `UPDATE entry SET data = '{"n":42}' WHERE ${ofLog('default')} AND idx = 41`,
      41,
      'entry-changed',
    ],
    [
      'a changed actor',
      `UPDATE entry SET actor = replace(actor, 'u_41', 'u_42') WHERE ${ofLog('default')} AND idx = 41`,
      41,
      'entry-changed',
    ],
    [
      'a part that was taken out',
      `UPDATE entry SET data = NULL WHERE ${ofLog('default')} AND idx = 7`,
      7,
      'entry-changed',
    ],
    [
      'another time of arrival',
      `UPDATE entry SET received = received - 1 WHERE ${ofLog('default')} AND idx >= 9`,
      9,
      'entry-changed',
    ],
    [
      'a deleted row',
      `DELETE FROM entry WHERE ${ofLog('default')} AND idx = 100`,
      100,
      'entry-missing',
    ],
    [
      'a tail that was cut off',
      `DELETE FROM entry WHERE ${ofLog('default')} AND idx >= 290`,
      290,
      'entry-missing',
    ],
    [
      'a row behind the last',
      `UPDATE entry SET idx = 300 WHERE ${ofLog('default')} AND idx = 299`,
      299,
      'entry-missing',
    ],
    [
      'an entry under another id',
      `UPDATE entry SET core = replace(core, 'default-55', 'default-xx') WHERE ${ofLog('default')} AND idx = 55`,
      55,
      'entry-changed',
    ],
    [
      'two that changed places',
      `UPDATE entry SET idx = -1 WHERE ${ofLog('default')} AND idx = 20;
       UPDATE entry SET idx = 20 WHERE ${ofLog('default')} AND idx = 30;
       UPDATE entry SET idx = 30 WHERE ${ofLog('default')} AND idx = -1`,
      20,
      undefined,
    ],
  ])(
    'is found, with the first place that is not as it was: %s (R-05)',
    async (_, sql, index, code) => {
      const findings = (await findAfter(sql)).filter(({ tenant }) => tenant === 'default')
      if (code === undefined) {
        // Both entries are sound: it is their order, and the tree over it, that are not.
        expect(findings.map((finding) => finding.code)).toContain('tree-changed')
        expect(
          findings.some(({ index: at = -1, until = at + 1 }) => at <= index && index < until),
        ).toBe(true)
      } else {
        const ofEntries = findings.filter((finding) => finding.code.startsWith('entry-'))
        expect(ofEntries[0]).toMatchObject({ index, code })
      }
    },
  )

  test('an older copy of everything is found by whoever kept a receipt, and by the guard (R-05)', async () => {
    using newer = await copyStore(folder)
    const receipt = await growBy(newer.path, 'later')
    expect(await verifyReceipt(receipt, [vkey])).toMatchObject({ index: 300 })
    using older = await copyStore(folder)
    await copyGuard(newer.path, older.path)
    expect(await auditStore(older.path)).toContainEqual(
      expect.objectContaining({ tenant: 'default', code: 'guard-ahead', index: 300, until: 301 }),
    )
    await expectUnsigned(older.path, /rolled back/)
  })

  test('of two heads that grew from one the second is never signed beside the first (R-06)', async () => {
    using one = await copyStore(folder)
    using other = await copyStore(folder)
    await growBy(one.path, 'one')
    await growBy(other.path, 'another')
    await copyGuard(one.path, other.path)
    const codes = (await auditStore(other.path)).map(({ code }) => code)
    expect(codes).toContain('guard-forked')
    await expectUnsigned(other.path, /fork|another tree|differs/)
  })

  test('an entry of another tenant is none here, in the place of one or behind the last (R-08)', async () => {
    const moved = isOnPostgres
      ? "tenant = 'default'"
      : `log = ${ofLog('default').slice('log = '.length)}`
    const [copied, added] = [
      await findAfter(`UPDATE entry SET (${text}) =
        (SELECT ${text} FROM entry WHERE ${ofLog('acme')} AND idx = 5) WHERE ${ofLog('default')} AND idx = 5`),
      await findAfter(`UPDATE entry SET ${moved}, idx = 300 WHERE ${ofLog('acme')} AND idx = 19`),
    ]
    expect(copied).toContainEqual(
      expect.objectContaining({ tenant: 'default', index: 5, code: 'tenant-foreign' }),
    )
    expect(added).toContainEqual(
      expect.objectContaining({ tenant: 'default', index: 300, code: 'entry-beyond-end' }),
    )
    expect(added).toContainEqual(
      expect.objectContaining({ tenant: 'acme', index: 19, code: 'entry-missing' }),
    )
  })

  test('no weaker hash, key or note is believed because the store says so (R-09)', async () => {
    const other = `UPDATE log SET vkey = replace(vkey, '+A', '+B') WHERE tenant = 'default'`
    expect(await findAfter(other)).toContainEqual(
      expect.objectContaining({ code: 'key-changed', tenant: 'default' }),
    )
    const entry = `UPDATE entry SET type = 'event/0' WHERE ${ofLog('default')} AND idx = 3`
    expect((await findAfter(entry))[0]).toMatchObject({ index: 3, code: 'entry-changed' })
    // 20 bytes, as SHA-1 has them.
    const short = isOnPostgres ? 'substring(hash from 1 for 20)' : 'substr(hash, 1, 20)'
    const hash = await findAfter(
      `UPDATE entry SET hash = ${short} WHERE ${ofLog('default')} AND idx = 4`,
    )
    expect(hash[0]).toMatchObject({ index: 4, tenant: 'default' })
    const unsigned = isOnPostgres
      ? "split_part(note, E'\\n\\n', 1)"
      : 'substr(note, 1, instr(note, char(10) || char(10)))'
    const note = await findAfter(
      `UPDATE checkpoint SET note = ${unsigned} WHERE ${ofLog('default')}`,
    )
    expect(note).toContainEqual(
      expect.objectContaining({ code: 'checkpoint-invalid', tenant: 'default' }),
    )
  })

  /** Serves the store until one more entry is signed. @returns its receipt */
  async function growBy(path: string, id: string): Promise<unknown> {
    await using grown = await startTestServer({ folder: path })
    expect((await grown.post('/v1/events', { ...event, id })).status).toBe(201)
    const { status, json } = await grown.ask(`/v1/events/${id}/receipt`)
    expect(status).toBe(200)
    return json
  }

  async function expectUnsigned(path: string, reason: RegExp): Promise<void> {
    await using refusing: TestServer = await startTestServer({ folder: path })
    // One node of a database looks at each log, when it has taken its turn.
    const readReason = async () => {
      const { signingRefusals } = (await refusing.ask('/readyz')).json
      const refused = (one: { tenant: string }) => one.tenant === 'default'
      return signingRefusals.find(refused)?.reason ?? ''
    }
    await expect.poll(readReason).toMatch(reason)
  }
})
