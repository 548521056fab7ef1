import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Rules of redaction that administrators change while the service runs. */
const temporary = createTemporaryFolder()
const fileRules = {
  remove: ['card'],
  add: [{ name: 'salary', paths: ['data.salary'], action: 'drop' }],
}
const start = () =>
  startTestServer({ folder: temporary.path, config: { redactionRules: fileRules } })
let server = await start()
afterAll(async () => {
  await server.stop()
  temporary[Symbol.dispose]()
})

const event = { action: 'case.opened', actor: { id: 'u_1' } }
const json = { 'content-type': 'application/json' }
const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  server.ask(path, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { ...json, ...headers },
  })
const putRule = (name: string, rule: object) => put(`/v1/redaction/rules/${name}`, rule)
const removeRule = (name: string) => server.ask(`/v1/redaction/rules/${name}`, { method: 'DELETE' })
const preview = (body: object) => server.post('/v1/redaction/preview', body)
const list = async () => (await server.ask('/v1/redaction')).json.rules
const find = async (name: string) =>
  (await list()).filter((rule: { name: string }) => rule.name === name)
const records = async (action: string) =>
  (await server.ask(`/v1/events?tenant=_system&action=${action}`)).json.entries
let ids = 0
/** Appends an event. @returns it as it is kept */
async function keep(data: object) {
  const id = `kept-${++ids}`
  expect((await server.post('/v1/events', { ...event, id, data })).status).toBe(201)
  return (await server.ask(`/v1/events/${id}`)).json.event.data
}
async function removeAll() {
  for (const rule of await list()) if (rule.origin === 'console') await removeRule(rule.name)
}

describe('a rule', () => {
  test('is in effect when its making is answered, for what comes in from then on, until it is removed', async () => {
    expect(await keep({ note: 'see CASE-77' })).toEqual({ note: 'see CASE-77' })
    const rule = { pattern: 'CASE-*', action: 'mask' }
    const made = await putRule('case-number', rule)
    expect(made.status).toBe(201)
    expect(made.json).toEqual({ name: 'case-number', ...rule })
    expect(await keep({ note: 'see CASE-77' })).toEqual({ note: 'see [redacted:case-number]' })
    expect((await putRule('case-number', { ...rule, action: 'drop' })).status).toBe(200)
    expect(await keep({ note: 'see CASE-77' })).toEqual({ note: 'see ' })
    // What was kept is not rewritten.
    expect((await server.ask('/v1/events/kept-1')).json.event.data.note).toBe('see CASE-77')
    expect((await removeRule('case-number')).status).toBe(204)
    expect(await keep({ note: 'see CASE-77' })).toEqual({ note: 'see CASE-77' })
  })

  test('of any kind is listed with who made it, and every act is in _system', async () => {
    await putRule('national-id', { key: 'nationalId', action: 'hash' })
    const [found] = await find('national-id')
    expect(found).toMatchObject({
      ...{ name: 'national-id', key: 'nationalId', action: 'hash' },
      ...{ origin: 'console', state: 'on', changedBy: 'root:root' },
    })
    expect(Date.parse(found.changed)).toBeGreaterThan(0)
    await putRule('national-id', { key: 'nationalId', action: 'mask' })
    await removeRule('national-id')
    const [changed] = await records('redaction.changed')
    expect(changed.event).toMatchObject({
      targets: [{ type: 'redaction-rule', id: 'national-id' }],
      data: { before: { action: 'hash' }, after: { key: 'nationalId', action: 'mask' } },
    })
    const [removed] = await records('redaction.removed')
    expect(removed.event.targets[0].id).toBe('national-id')
    expect((await removeRule('national-id')).json.code).toBe('resource-unknown')
  })

  test('holds for administration, its records and queries of reads too', async () => {
    await putRule('badge', { pattern: 'BADGE-####', action: 'mask' })
    const grant = { scopes: ['read'], tenants: ['acme'] }
    const refused = await server.post('/v1/keys', { ...grant, name: 'for BADGE-1234' })
    expect(refused.json).toMatchObject({ code: 'request-invalid', errors: [{ pointer: '/name' }] })
    await server.ask('/v1/export?tenant=default&q=data.note:BADGE-1234')
    const { text } = await server.ask('/v1/export?tenant=_system')
    expect(text).toContain('[redacted:badge]')
    expect(text).not.toContain('BADGE-1234')
    await removeRule('badge')
  })

  test('stays over a restart', async () => {
    await putRule('case-number', { pattern: 'CASE-*', action: 'mask' })
    await put('/v1/redaction/built-in/otp', { enabled: false })
    await server.stop()
    server = await start()
    expect(await keep({ note: 'CASE-9', pin: 1234 })).toEqual({
      note: '[redacted:case-number]',
      pin: 1234,
    })
    await put('/v1/redaction/built-in/otp', { enabled: true })
    await removeAll()
  })

  test('that is faulty, or would take what every event needs, is refused with the reason', async () => {
    for (const [rule, pointer, detail] of [
      [{ key: 'action', action: 'mask' }, '/key', 'would take action'],
      [{ key: 'act*', action: 'drop' }, '/key', 'would take action'],
      [{ paths: ['tenant'], action: 'mask' }, '/paths', 'must begin with'],
      [{ paths: ['actor.id'], action: 'drop' }, '/paths', 'needs'],
      [{ pattern: '*', action: 'mask' }, '/pattern', 'may not begin with *'],
      [{ action: 'mask' }, '/key', 'is missing'],
      [{ key: 'a', action: 'wipe' }, '/action', ''],
      [{ key: 'a', action: 'mask', note: '' }, '/note', ''],
      [{ pattern: 'card 4111 1111 1111 1111', action: 'mask' }, '/pattern', 'a secret'],
    ] as const) {
      const { status, json } = await putRule('faulty', rule)
      expect(status, JSON.stringify(rule)).toBe(422)
      expect(json.errors[0].pointer).toBe(pointer)
      expect(json.errors[0].detail).toContain(detail)
    }
    expect((await putRule('Not%20a%20name', { key: 'a', action: 'mask' })).status).toBe(400)
    expect(await find('faulty')).toEqual([])
  })

  test('of the file is shown, can’t be changed, and wins over one of its name', async () => {
    expect(await find('salary')).toMatchObject([{ origin: 'file', state: 'on', changed: null }])
    for (const answer of [
      await putRule('salary', { key: 'salary', action: 'mask' }),
      await removeRule('salary'),
      await put('/v1/redaction/built-in/card', { enabled: true }),
    ]) {
      expect(answer.json).toMatchObject({ status: 409, code: 'resource-conflict' })
      expect(answer.json.detail).toContain('file')
    }
    expect(await find('card')).toMatchObject([{ state: 'off', switchedOffBy: 'file' }])
  })
})

test('a built-in rule is switched off and on again, which is on record', async () => {
  expect(await keep({ pin: 1234 })).toEqual({ pin: '[redacted:otp]' })
  expect((await put('/v1/redaction/built-in/otp', { enabled: false })).json).toEqual({
    name: 'otp',
    enabled: false,
  })
  expect(await keep({ pin: 1234 })).toEqual({ pin: 1234 })
  expect(await find('otp')).toMatchObject([
    { origin: 'built-in', state: 'off', switchedOffBy: 'console', changedBy: 'root:root' },
  ])
  await put('/v1/redaction/built-in/otp', { enabled: true })
  expect(await keep({ pin: 1234 })).toEqual({ pin: '[redacted:otp]' })
  for (const action of ['redaction.disabled', 'redaction.enabled']) {
    expect((await records(action))[0].event.targets).toEqual([
      { type: 'redaction-rule', id: 'otp' },
    ])
  }
  expect((await put('/v1/redaction/built-in/nothing', { enabled: false })).status).toBe(404)
})

test('rules are for those who administer every tenant', async () => {
  const make = async (scopes: string[], tenants: string[]) =>
    (await server.post('/v1/keys', { name: 'k', scopes, tenants })).json.key
  const rule = { key: 'a', action: 'mask' }
  for (const [key, status] of [
    [await make(['admin'], ['acme']), 403],
    [await make(['read', 'export', 'append'], ['*']), 403],
    [await make(['admin'], ['*']), 200],
  ] as const) {
    const headers = { authorization: `Bearer ${key}` }
    expect((await server.ask('/v1/redaction', { headers })).status).toBe(status)
    const made = await put('/v1/redaction/rules/some', rule, headers)
    expect(made.status === 201 ? 200 : made.status).toBe(status)
    const tried = await server.post('/v1/redaction/preview', { event }, headers)
    expect(tried.status).toBe(status)
    if (status === 200) continue
    for (const [method, path] of [
      ['DELETE', '/v1/redaction/rules/some'],
      ['PUT', '/v1/redaction/built-in/otp'],
    ] as const) {
      const body = method === 'PUT' ? { body: '{"enabled":false}', headers: json } : {}
      const answer = await server.ask(path, {
        method,
        ...body,
        headers: { ...body.headers, ...headers },
      })
      expect(answer.status).toBe(403)
    }
  }
  await removeAll()
})

describe('a preview', () => {
  const secretText = 'BADGE-4711'
  test('shows the event as it would be kept, with a rule that is not saved, and keeps nothing', async () => {
    const sent = { ...event, id: 'never-kept', data: { note: `of ${secretText}`, password: 'x' } }
    const plain = await preview({ event: sent })
    expect(plain.json.event.data).toEqual({
      note: `of ${secretText}`,
      password: '[redacted:password]',
    })
    const rule = { name: 'badge', pattern: 'BADGE-####', action: 'mask' }
    const shown = await preview({ event: sent, rule })
    expect(shown.json.event).toMatchObject({
      ...{ id: 'never-kept', action: 'case.opened', outcome: 'success' },
      data: { note: 'of [redacted:badge]', password: '[redacted:password]' },
    })
    expect((await server.ask('/v1/events/never-kept')).status).toBe(404)
    expect(await find('badge')).toEqual([])
    const [record] = await records('redaction.previewed')
    expect(record.event.actor.type).toBe('root')
    const { text } = await server.ask('/v1/export?tenant=_system')
    expect(text).not.toContain(secretText)
  })

  test('in which the rule has its place among the others', async () => {
    await putRule('badge', { pattern: 'BADGE-####', action: 'mask' })
    const rule = { name: 'badge', pattern: 'BADGE-####', action: 'drop' }
    const sent = { ...event, data: { note: `of ${secretText}` } }
    expect((await preview({ event: sent })).json.event.data.note).toBe('of [redacted:badge]')
    expect((await preview({ event: sent, rule })).json.event.data.note).toBe('of ')
    await removeAll()
  })

  test('names what is wrong with the event, or with the rule', async () => {
    const { status, json } = await preview({ event: { action: 'a.b' } })
    expect([status, json.code]).toEqual([422, 'event-invalid'])
    expect(json.errors[0].pointer).toBe('/event/actor')
    const rule = { name: 'x', key: 'action', action: 'mask' }
    const faulty = await preview({ event, rule })
    expect(faulty.json).toMatchObject({ status: 422, errors: [{ pointer: '/rule/key' }] })
  })
})

describe('a repeat of an event that was kept under other rules', () => {
  const sent = {
    ...event,
    actor: { id: 'u_1', name: 'of CASE-1' },
    changes: { before: { nationalId: 'AB1', CASE: 1 }, after: { nationalId: 'AB2' } },
    data: {
      note: 'see CASE-77 and more',
      nationalId: 'AB123',
      nested: { nationalId: { a: true } },
    },
  }
  const send = (id: string, change: object = {}) =>
    server.post('/v1/events', { ...sent, id, ...change })
  const rules: [string, () => Promise<unknown>][] = [
    ['none', () => removeAll()],
    ['a pattern', () => putRule('case-number', { pattern: 'CASE-*', action: 'mask' })],
    ['another action', () => putRule('case-number', { pattern: 'CASE-*', action: 'drop' })],
    ['a key hashed', () => putRule('national-id', { key: 'nationalId', action: 'hash' })],
    ['a key dropped', () => putRule('national-id', { key: 'nationalId', action: 'drop' })],
    [
      'paths',
      () =>
        putRule('national-id', {
          paths: ['data.nationalId', 'data.nested', 'actor.id', 'changes.after.*'],
          action: 'mask',
        }),
    ],
  ]
  beforeAll(removeAll)

  test('is the same event, whatever rule was added, changed or removed meanwhile', async () => {
    for (const [name, change] of rules) {
      await change()
      expect((await send(`under ${name}`.replaceAll(' ', '-'))).status).toBe(201)
    }
    for (const [now, change] of [...rules, ...rules.toReversed()]) {
      await change()
      for (const [before] of rules) {
        const id = `under ${before}`.replaceAll(' ', '-')
        const { status, json } = await send(id)
        expect([status, json.duplicate], `kept with ${before}, sent with ${now}`).toEqual([
          200,
          true,
        ])
      }
    }
    await removeAll()
  })

  test('is the same event after more changes than are remembered, as long as its own is', async () => {
    await putRule('case-number', { pattern: 'CASE-*', action: 'mask' })
    await send('long-ago')
    const paths = Array.from({ length: 100 }, (_, n) => `data.${'x'.repeat(300)}.${n}`)
    for (let n = 0; n < 4; n++)
      await putRule('bulky', { paths: [...paths, `data.y${n}`].slice(1), action: 'mask' })
    await putRule('case-number', { pattern: 'CASE-*', action: 'drop' })
    expect((await send('long-ago')).status).toBe(200)
    await removeAll()
  })

  test('is refused rather than looked through for more patterns than may be in effect', async () => {
    const costly = (end: string) => ({ pattern: `${'a*.'.repeat(7)}${end}`, action: 'mask' })
    await putRule('case-number', { pattern: 'CASE-*', action: 'mask' })
    await send('forgotten')
    for (const [end, status] of [
      ['x', 200],
      ['y', 200],
      ['z', 409],
    ] as const) {
      await putRule('case-number', costly(end))
      expect((await send('forgotten')).status, end).toBe(status)
    }
    await removeAll()
  })

  test('as a part of a batch is one entry, and the new ones are kept', async () => {
    await send('batch-1')
    await putRule('case-number', { pattern: 'CASE-*', action: 'mask' })
    const batch = ['batch-1', 'batch-2'].map((id) => ({ ...sent, id }))
    const { status, json } = await server.post('/v1/events', batch)
    expect(status).toBe(201)
    expect(json.entries.map((head: { duplicate?: boolean }) => head.duplicate)).toEqual([
      true,
      undefined,
    ])
    const kept = (await server.ask('/v1/events/batch-2')).json.event.data.note
    expect(kept).toBe('see [redacted:case-number] and more')
    expect((await server.ask('/v1/events/batch-1')).json.event.data.note).toContain('CASE-77')
    await removeAll()
  })

  test('is refused where it differs in anything else', async () => {
    await send('differs')
    await putRule('case-number', { pattern: 'CASE-*', action: 'mask' })
    for (const change of [
      { action: 'case.closed' },
      { actor: { id: 'u_1', name: 'of nobody' } },
      { data: { ...sent.data, note: 'see CASE-77 and less' } },
      { data: { ...sent.data, more: 1 } },
      // A mark that nobody's rule made hides nothing.
      { data: { ...sent.data, note: '[redacted:anything]' } },
    ]) {
      const { status, json } = await send('differs', change)
      expect([status, json.code], JSON.stringify(change)).toEqual([409, 'idempotency-conflict'])
    }
    const batch = [
      { ...sent, id: 'differs' },
      { ...sent, id: 'differs', action: 'x.y' },
    ]
    expect((await server.post('/v1/events', batch)).status).toBe(409)
    await removeAll()
  })
})

test('there is a bound to how many rules there are, and to what their patterns may cost', async () => {
  const headers = { ...json, authorization: `Bearer ${testRootKey}` }
  const costly = { pattern: `${'a*.'.repeat(40)}b`, action: 'mask' }
  expect((await put('/v1/redaction/rules/costly', costly, headers)).json).toMatchObject({
    status: 422,
    errors: [{ pointer: '/pattern' }],
  })
  for (let n = 0; n < 100; n++) {
    expect((await putRule(`rule-${n}`, { key: `member${n}`, action: 'mask' })).status).toBe(201)
  }
  expect((await putRule('one-more', { key: 'x', action: 'mask' })).status).toBe(409)
  expect((await putRule('rule-7', { key: 'x', action: 'mask' })).status).toBe(200)
  await removeAll()
})
