import { createTemporaryFolder, startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** What a tenant holds the events of an action to, wherever and however they come in. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const json = { 'content-type': 'application/json' }
const pathOf = (tenant: string, action: string) =>
  `/v1/tenants/${tenant}/schemas/${encodeURIComponent(action)}`
const set = (tenant: string, action: string, schema: unknown, headers = {}) =>
  ask(pathOf(tenant, action), {
    method: 'PUT',
    body: JSON.stringify(schema),
    headers: { ...json, ...headers },
  })
const remove = (tenant: string, action: string) => ask(pathOf(tenant, action), { method: 'DELETE' })
const sizeOf = async (tenant: string) => (await ask(`/v1/logs/${tenant}`)).json.size ?? 0

const nest = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

const action = 'plan.changed'
const schema = {
  required: ['data'],
  properties: {
    data: {
      required: ['plan'],
      properties: { plan: { enum: ['free', 'pro'] }, note: { maxLength: 40 } },
      additionalProperties: false,
    },
  },
}
const sound = { action, actor: { id: 'u_1' }, data: { plan: 'pro' } }
const faulty = { ...sound, data: { plan: 'gold', plam: 'x' } }
const faults = [
  { pointer: '/data/plan', detail: 'Must be one of "free" or "pro".' },
  { pointer: '/data/plam', detail: 'Unknown member: did you mean "plan"?' },
]

describe('a schema', () => {
  test('is set, read, listed, replaced and removed, and each act is in _system', async () => {
    const tenant = 'acts'
    const made = await set(tenant, 'a/b c.ä', schema)
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      ...{ action: 'a/b c.ä', schema, by: 'root:root' },
      updated: expect.stringMatching(/Z$/),
    })
    expect((await ask(pathOf(tenant, 'a/b c.ä'))).json).toEqual(made.json)
    expect((await set(tenant, 'a/b c.ä', {})).status).toBe(200)
    await set(tenant, 'a', schema)
    const { schemas } = (await ask(`/v1/tenants/${tenant}/schemas`)).json
    expect(schemas.map((one: { action: string }) => one.action)).toEqual(['a', 'a/b c.ä'])
    expect((await ask('/v1/tenants/another/schemas')).json).toEqual({ schemas: [] })
    expect((await remove(tenant, 'a/b c.ä')).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect((await ask(pathOf(tenant, 'a/b c.ä'), { method })).json.code).toBe('resource-unknown')
    }
    const search = 'tenant=_system&order=asc&action=schema.*&targets.id=a%2Fb%20c.%C3%A4'
    const { entries } = (await ask(`/v1/events?${search}`)).json
    const targets = [
      { type: 'action', id: 'a/b c.ä' },
      { type: 'tenant', id: tenant },
    ]
    const [before, after] = [JSON.stringify(schema), '{}']
    expect(entries.map((entry: { event: object }) => entry.event)).toMatchObject([
      { action: 'schema.created', actor: { type: 'root' }, targets, data: { after: before } },
      { action: 'schema.changed', targets, data: { before, after } },
      { action: 'schema.removed', targets, data: { before: after } },
    ])
  })

  test('is refused where it is faulty, at its place, and then nothing has changed', async () => {
    const broken = { properties: { data: { type: 'objekt', $ref: 'https://example.com/s.json' } } }
    const refused = await set('broken', action, broken)
    expect(refused.status).toBe(422)
    expect(refused.json.code).toBe('request-invalid')
    expect(refused.json.errors).toEqual([
      { pointer: '/properties/data/type', detail: expect.stringContaining('Must be of object') },
      { pointer: '/properties/data/$ref', detail: expect.stringContaining('into this schema') },
    ])
    expect((await ask('/v1/tenants/broken/schemas')).json.schemas).toEqual([])
  })

  test.each([
    ['a list', []],
    ['more than 32 KiB', { description: 'x'.repeat(32 * 1024) }],
    ['a secret among its texts', { properties: { data: { default: 'AKIAIOSFODNN7EXAMPLE' } } }],
    ['patterns that can take for ever', { properties: { data: { pattern: '(?=(a+)+)b' } } }],
    ['deeper than a stack holds', { 'x-a': nest(10_000) }],
    ['deeper than a stack holds, to be compared', { const: nest(10_000) }],
  ])('is refused where it is %s', async (_, refused) => {
    expect((await set('refused', action, refused)).json.code).toBe('request-invalid')
  })

  test('leaves room for those of other tenants', async () => {
    const large = { description: 'x'.repeat(31 * 1024) }
    const answers = await Promise.all(
      Array.from({ length: 34 }, (_, n) => set('greedy', `a${n}`, large)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect((await set('modest', action, large)).status).toBe(201)
    for (const { action } of (await ask('/v1/tenants/greedy/schemas')).json.schemas) {
      await remove('greedy', action)
    }
  })

  test('may say what members with telling names have to be like', async () => {
    const rules = { properties: { data: { properties: { password: { maxLength: 100 } } } } }
    expect((await set('names', action, rules)).json.schema).toEqual(rules)
  })

  test('is for administrators of the tenant alone, and never for _system', async () => {
    const keyOf = async (scopes: string[], tenants: string[]) => {
      const { key } = (await post('/v1/keys', { name: 'k', scopes, tenants })).json
      return { authorization: `Bearer ${key}` }
    }
    await set('mine', action, schema)
    for (const headers of [
      await keyOf(['append', 'read', 'export'], ['mine']),
      await keyOf(['admin'], ['other']),
    ]) {
      const answers = [
        await set('mine', action, {}, headers),
        await ask('/v1/tenants/mine/schemas', { headers }),
        await ask(pathOf('mine', action), { headers }),
        await ask(pathOf('mine', action), { method: 'DELETE', headers }),
        await post(`${pathOf('mine', action)}/check`, { event: sound }, headers),
      ]
      expect(answers.map((answer) => answer.json.code)).toEqual(Array(5).fill('scope-insufficient'))
    }
    const own = await keyOf(['admin'], ['mine'])
    expect((await set('mine', action, schema, own)).status).toBe(200)
    expect((await set('_system', 'key.created', {})).json.code).toBe('request-invalid')
  })
})

describe('an event', () => {
  test('of an action with a schema must match it, and else nothing is kept', async () => {
    const tenant = 'held'
    await set(tenant, action, schema)
    const refused = await post('/v1/events', { ...faulty, tenant })
    expect(refused.status).toBe(422)
    expect(refused.json).toMatchObject({ code: 'event-invalid', errors: faults })
    const named = await post('/v1/events', { ...faulty, tenant, id: 'named' })
    expect(named.json).toEqual(refused.json)
    expect(await sizeOf(tenant)).toBe(0)
    expect((await post('/v1/events', { ...sound, tenant })).status).toBe(201)
    // Another action, another tenant: exactly.
    for (const other of [{ action: `${action}.x` }, { action: action.toUpperCase() }]) {
      expect((await post('/v1/events', { ...faulty, ...other, tenant })).status).toBe(201)
    }
    expect((await post('/v1/events', { ...faulty, tenant: 'free' })).status).toBe(201)
    await remove(tenant, action)
    expect((await post('/v1/events', { ...faulty, tenant })).status).toBe(201)
  })

  test.each(['application/json', 'application/x-ndjson'])(
    'in a batch (%s) is named by its place in it, and the batch is kept whole or not at all',
    async (type) => {
      const tenant = `batch.${type.length}`
      await set(tenant, action, schema)
      const write = (events: object[]) =>
        type === 'application/json'
          ? JSON.stringify(events)
          : events.map((event) => JSON.stringify(event)).join('\n')
      const send = (...events: object[]) =>
        ask('/v1/events', {
          method: 'POST',
          headers: { 'content-type': type },
          body: write(events.map((event) => ({ ...event, tenant }))),
        })
      const refused = await send(sound, { ...faulty, id: 'b' }, { ...sound, data: { plan: 1 } })
      expect(refused.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(
        ['/1/data/plam', '/1/data/plan', '/2/data/plan'],
      )
      expect(await sizeOf(tenant)).toBe(0)
      expect((await send(sound, sound)).status).toBe(201)
    },
  )

  test('is checked as it was submitted: redaction makes none faulty, and faults tell no secret', async () => {
    const tenant = 'secrets'
    const secret = 'AKIAIOSFODNN7EXAMPLE'
    const data = { required: ['token'], properties: { token: { pattern: '^AKIA[A-Z0-9]{16}$' } } }
    await set(tenant, action, { properties: { data } })
    const kept = await post('/v1/events', { ...sound, tenant, data: { token: secret } })
    expect(kept.status).toBe(201)
    const strict = { ...data, additionalProperties: false, propertyNames: { maxLength: 10 } }
    await set(tenant, action, { properties: { data: strict } })
    const told = await post('/v1/events', {
      ...{ ...sound, tenant },
      data: { token: `${secret}é`, [secret]: secret },
    })
    expect(told.status).toBe(422)
    expect(told.json.errors.length).toBeGreaterThan(1)
    expect(told.text).not.toContain(secret)
  })

  test('that was kept before its schema is answered as the repeat it is, alone and in a batch', async () => {
    const tenant = 'retries'
    const first = await post('/v1/events', { ...faulty, tenant, id: 'first' })
    expect(first.status).toBe(201)
    await set(tenant, action, schema)
    const again = await post('/v1/events', { ...faulty, tenant, id: 'first' })
    expect(again.status).toBe(200)
    expect(again.json).toEqual({ ...first.json, duplicate: true })
    const batch = await post('/v1/events', [
      { ...faulty, tenant, id: 'first' },
      { ...sound, tenant, id: 'second' },
    ])
    expect(batch.status).toBe(201)
    expect(batch.json.entries).toMatchObject([{ duplicate: true, index: 0 }, { index: 1 }])
    // With other content the id is taken; a new one is held to the schema, and it alone is named.
    const other = await post('/v1/events', { ...faulty, tenant, id: 'first', source: 'x' })
    expect(other.json.code).toBe('idempotency-conflict')
    const mixed = await post('/v1/events', [
      { ...faulty, tenant, id: 'first' },
      { ...faulty, tenant, id: 'new' },
      { ...faulty, tenant, id: 'new' },
    ])
    expect(mixed.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      ...['/1/data/plan', '/1/data/plam', '/2/data/plan', '/2/data/plam'],
    ])
    expect(await sizeOf(tenant)).toBe(2)
  })

  test('that was kept before its schema and before a rule of redaction is the same event still', async () => {
    const tenant = 'both'
    const event = { ...faulty, tenant, id: 'both', data: { plan: 'gold', note: 'see BOTH-77' } }
    expect((await post('/v1/events', event)).status).toBe(201)
    await set(tenant, action, schema)
    const rule = await ask('/v1/redaction/rules/both', {
      method: 'PUT',
      headers: json,
      body: '{"pattern":"BOTH-*","action":"mask"}',
    })
    expect(rule.status).toBeLessThan(300)
    expect((await post('/v1/events', event)).json).toMatchObject({ duplicate: true, index: 0 })
    const other = { ...event, id: 'other' }
    expect((await post('/v1/events', other)).json.code).toBe('event-invalid')
  })

  test('has no more than a hundred faults named, however many there are in a batch', async () => {
    await set('many', action, schema)
    const events = Array.from({ length: 500 }, (_, n) => ({
      ...faulty,
      tenant: 'many',
      id: `${n}`,
    }))
    const { json: problem } = await post('/v1/events', events)
    expect(problem.errors).toHaveLength(101)
    expect(problem.errors.at(-1).detail).toMatch(/^At least \d+ more faults\.$/)
  })

  test('costs a bounded amount of work, whatever its schema asks for', async () => {
    const tenant = 'hostile'
    const deep = {
      anyOf: [0, 1].map(() => ({ properties: { a: { $ref: '#/$defs/deep' } }, not: {} })),
    }
    await set(tenant, action, { properties: { data: { $ref: '#/$defs/deep' } }, $defs: { deep } })
    const data = Array.from({ length: 30 }).reduce<object>((a) => ({ a }), {})
    const batch = Array.from({ length: 200 }, () => ({ ...sound, tenant, data }))
    const refused = await post('/v1/events', batch)
    expect(refused.json.errors[0].detail).toContain('too much work')
  })
})

describe('an event that is tried', () => {
  const check = (tenant: string, trial: object) => post(`${pathOf(tenant, action)}/check`, trial)

  test('is answered as it would be if it were submitted, and nothing is kept', async () => {
    await set('tried', action, schema)
    const before = await sizeOf('_system')
    expect((await check('tried', { event: sound })).json).toEqual({ valid: true, errors: [] })
    expect((await check('tried', { event: faulty })).json).toEqual({ valid: false, errors: faults })
    const none = (await check('tried', { event: { action } })).json
    expect(none).toMatchObject({ valid: false, errors: [{ pointer: '/actor' }] })
    const trial = { event: faulty, schema: { properties: { data: { required: ['plan'] } } } }
    expect((await check('tried', trial)).json.valid).toBe(true)
    expect((await check('untried', trial)).json.valid).toBe(true)
    expect((await check('untried', { event: sound })).json.code).toBe('resource-unknown')
    const broken = await check('tried', { event: sound, schema: { type: 'x' } })
    expect(broken.json).toMatchObject({
      code: 'request-invalid',
      errors: [{ pointer: '/schema/type' }],
    })
    expect([await sizeOf('tried'), await sizeOf('_system')]).toEqual([0, before])
  })
})

test('schemas outlive the service', async () => {
  using folder = createTemporaryFolder()
  const first = await startTestServer({ folder: folder.path })
  const path = pathOf('default', action)
  await first.ask(path, { method: 'PUT', body: JSON.stringify(schema), headers: json })
  await first.stop()
  await using second = await startTestServer({ folder: folder.path })
  expect((await second.post('/v1/events', faulty)).json.errors).toEqual(faults)
})
