import { gzipSync } from 'node:zlib'
import { createRequests, startTestServer, type TestServer, testRootKey } from '@indelible/testkit'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { openDroppingFront } from './dialects/dropping-front.ts'
import { encodeBody, foreignBodies, foreignQueries } from './dialects/foreign-bodies.ts'
import { killAmidst } from './dialects/kill-amidst.ts'
import { listDialectRoutes } from './dialects/list-routes.ts'
import { dialectQuestions } from './dialects/questions.ts'
import { type DialectTarget, dialectTargets } from './dialects/targets.ts'

/** What holds of every dialect, whatever its clients send. */
const server = await startTestServer({ config: { otlpAudit: true } })
afterAll(() => server[Symbol.asyncDispose]())

type Server = Pick<TestServer, 'ask'>

/** How a target's requests are sent. `n` stands for `$n` wherever that is: the same one makes a repeat. */
function createSender({ path, headers }: DialectTarget, tenant: string, key: string) {
  const sent = { 'content-type': 'application/json', ...headers, authorization: `Bearer ${key}` }
  const fill = (text: string, n: number) =>
    text.replaceAll('$n', String(n)).replaceAll('$tenant', tenant)
  return {
    fill,
    send(at: Server, body: Uint8Array | string, n: number, more: Record<string, string> = {}) {
      const filled = Object.entries({ ...sent, ...more }).map(([one, text]) => [one, fill(text, n)])
      const bytes = Buffer.from(body).toString('latin1')
      return at.ask(`${path}?tenant=${tenant}`, {
        method: 'POST',
        headers: Object.fromEntries(filled),
        body: new Uint8Array(Buffer.from(fill(bytes, n), 'latin1')),
      })
    },
  }
}

const readSize = async (at: Server, tenant: string): Promise<number> =>
  (await at.ask(`/v1/logs/${tenant}`)).json.size ?? 0

/** A tenant of a target's own. */
async function openTenant(target: DialectTarget) {
  const tenant = target.name.replaceAll(' ', '-')
  const grant = { name: tenant, scopes: ['append', 'read'], tenants: [tenant] }
  const { key } = (await server.post('/v1/keys', grant)).json
  const { fill, send } = createSender(target, tenant, key)
  return {
    ...{ tenant, fill, send },
    post: (body: Uint8Array | string, n: number, more: Record<string, string> = {}) =>
      send(server, body, n, more),
    size: () => readSize(server, tenant),
  }
}

describe.each(dialectTargets)('$name', (target) => {
  const { valid, countKept, areLines = false, taken = 201 } = target

  test('what is valid is kept once, plain or gzipped, with its dialect', async () => {
    const { tenant, fill, post, size } = await openTenant(target)
    let events = 0
    for (const [n, body] of valid.entries()) {
      const text = encodeBody(body, areLines)
      const first = await post(text, n)
      expect(first.status, first.text).toBe(taken)
      events += countKept(first.json, text) ?? 0
      const zipped = gzipSync(fill(text, n))
      const again = await post(zipped, n, { 'content-encoding': 'gzip' })
      expect(again.status).toBeLessThan(300)
    }
    expect(events).toBeGreaterThan(0)
    expect(await size()).toBe(events)
    const { json } = await server.ask(`/v1/events?tenant=${tenant}&q=context.dialect:*`)
    expect(json.entries).toHaveLength(await size())
  })

  test('no body, however malformed, yields a 500, an answer that is no JSON, or a half-kept batch', async () => {
    const { post, size } = await openTenant(target)
    let before = await size()
    let n = 100
    const law = fc.asyncProperty(foreignBodies(valid, areLines), async (body) => {
      const { status, headers: answered, text, json } = await post(body, n++)
      expect(status, text).toBeLessThan(500)
      expect(answered.get('content-type')).toMatch(/[/+]json\b/)
      expect(json).toBeTypeOf('object')
      const after = await size()
      const kept = status < 300 ? countKept(json, Buffer.from(body).toString()) : 0
      if (kept !== undefined) expect(after - before, text).toBe(kept)
      before = after
    })
    // What one body leaves counts for the next, so a shorter one would fail for other reasons.
    await fc.assert(law, { numRuns: 250, endOnFailure: true })
  })

  test('what is sent again because its answer got lost is kept once', async () => {
    const { send, post, size } = await openTenant(target)
    const before = await size()
    const text = encodeBody(valid[0], areLines)
    await using front = await openDroppingFront(server.url)
    await expect(send(createRequests(front.url), text, 80)).rejects.toThrow()
    const kept = await size()
    expect(kept).toBeGreaterThan(before)
    expect((await post(text, 80)).status).toBeLessThan(300)
    expect(await size()).toBe(kept)
  })

  test('what breaks the encoding, the size or the credential is refused in JSON', async () => {
    const { post, size } = await openTenant(target)
    const before = await size()
    const text = encodeBody(valid[0], areLines)
    const big = new Uint8Array(gzipSync(Buffer.alloc(17 * 1024 * 1024, 'a')))
    for (const [status, body, more] of [
      [400, text, { 'content-encoding': 'gzip' }],
      [415, text, { 'content-encoding': 'br' }],
      [413, big, { 'content-encoding': 'gzip' }],
      [401, text, { authorization: 'Bearer wrong' }],
      [401, text, { authorization: '' }],
    ] as const) {
      const answer = await post(body, 0, more)
      expect([answer.status, answer.text], JSON.stringify(more)).toEqual([
        ...[status, expect.stringMatching(/^\{.+\}$/)],
      ])
    }
    expect(await size()).toBe(before)
  })
})

test('what a service was killed over is there whole or not at all, and once when it is sent again', async () => {
  // Retraced's events go to the tenant of the key: its client's own test kills.
  const targets = dialectTargets.filter(({ path }) => !path.startsWith('/auditlog'))
  const bodies = targets.map(({ valid, areLines }) => encodeBody(valid[0], areLines))
  const tenantOf = (n: number) => `killed-${n}`
  const send = async (at: Server, n: number) => {
    const which = n % targets.length
    const target = targets[which] as DialectTarget // below the length
    const { status } = await createSender(target, tenantOf(n), testRootKey).send(
      ...([at, bodies[which] ?? '', n] as const),
    )
    return status < 300
  }
  const whole: number[] = []
  for (const n of targets.keys()) {
    expect(await send(server, n)).toBe(true)
    whole.push(await readSize(server, tenantOf(n)))
  }
  await killAmidst({
    requests: 3 * targets.length,
    eventsOf: (n) => whole[n % targets.length] ?? 0,
    environment: { INDELIBLE_OTLP_AUDIT: 'draft-2026-09' },
    send,
    count: (at, n) => readSize(at, tenantOf(n)),
  })
})

test.each(dialectTargets.filter(({ conflicting }) => conflicting !== undefined))(
  'a batch that contradicts itself is refused whole: $name',
  async (target) => {
    const { post, size } = await openTenant(target)
    const before = await size()
    const { status, text } = await post(encodeBody(target.conflicting, target.areLines), 90)
    expect(status, text).toBe(409)
    expect(await size()).toBe(before)
  },
)

describe.each(dialectQuestions)(
  '$method $route',
  ({ method, route, fill, body, parameters = [] }) => {
    test('yields no 500, no refusal that is no JSON, and keeps nothing, whatever is asked', async () => {
      const tenant = `asks-${++askers}`
      const scopes = ['append', 'read', 'export', 'admin']
      const { key } = (await server.post('/v1/keys', { name: 'q', scopes, tenants: [tenant] })).json
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      await server.post(
        '/event',
        { event_type: 'a', event_id: 'e-1', event_data: { a: 1 } },
        headers,
      )
      const filled = Object.entries(fill?.(tenant) ?? {}).reduce(
        (path, [name, text]) => path.replace(name, text),
        route,
      )
      const ask = async (query: string, bytes?: Uint8Array) => {
        const sent = bytes === undefined ? {} : { body: new Uint8Array(bytes) }
        const answer = await server.ask(`${filled}${query}`, { method, headers, ...sent })
        const told = `${query} ${answer.text}`
        expect(answer.status, told).toBeLessThan(500)
        if (answer.status >= 400) expect(answer.json, told).toBeTypeOf('object')
        return answer.status
      }
      const valid = body?.(tenant)
      const first = await ask('', valid && Buffer.from(JSON.stringify(valid)))
      if (valid !== undefined) expect([200, 201, 403]).toContain(first)
      const bodies = valid === undefined ? fc.constant(undefined) : foreignBodies([valid])
      const law = fc.asyncProperty(foreignQueries(parameters), bodies, async (...sent) => {
        await ask(...sent)
      })
      await fc.assert(law, { numRuns: valid === undefined ? 40 : 80 })
      expect((await server.ask(`/v1/logs/${tenant}`)).json.size).toBe(1)
    })
  },
)
let askers = 0

test('every route of every dialect is among them', async () => {
  const tried = [
    ...dialectTargets.map((one) => `POST ${one.path.replace('/p/', '/:project/')}`),
    ...dialectQuestions.map(({ method, route }) => `${method} ${route}`),
  ]
  expect([...new Set(tried)].toSorted()).toEqual((await listDialectRoutes()).toSorted())
})
