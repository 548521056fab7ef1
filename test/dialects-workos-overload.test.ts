import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import {
  createTemporaryFolder,
  spawnServer,
  startTestServer,
  testRootKey,
} from '@indelible/testkit'
import { expect, test } from 'vitest'
import { connectWorkos, type WorkosVersion, workosVersions } from './workos/clients.ts'

/** What becomes of events of the unmodified `@workos-inc/node` while they can't be written. */
const event = (text = '') => ({
  ...{ action: 'a.b', occurredAt: new Date('2026-03-01'), actor: { type: 'u', id: '1' } },
  ...{ targets: [], context: { location: 'x' }, metadata: { text } },
})

/** A server on a free port, which answers each request as `answer` says. */
async function listen(
  answer: (request: { version: string; path: string; init: RequestInit }) => Promise<Response>,
) {
  const server = createServer(async (request, response) => {
    const { authorization = '', 'idempotency-key': key = '', 'user-agent': agent } = request.headers
    const headers = { authorization, 'idempotency-key': String(key) }
    const body = Buffer.concat(await request.toArray())
    const version = /workos-node\/([\d.]+)/.exec(agent ?? '')?.[1] ?? ''
    const init = { method: request.method ?? '', headers, body }
    const answered = await answer({ version, path: request.url ?? '', init })
    const { 'content-type': type = '', 'retry-after': after } = Object.fromEntries(answered.headers)
    if (after !== undefined) response.setHeader('retry-after', after)
    response.writeHead(answered.status, { 'content-type': type })
    response.end(await answered.text())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('versions before 9 give up an event over 429 and 503, and none does over 504', async () => {
  const tries = async (version: WorkosVersion, status: number, retryAfter: string | undefined) => {
    let count = 0
    await using stub = await listen(async () => {
      const isFirst = count++ === 0
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
      return Response.json({ message: 'no' }, { status: isFirst ? status : 201, headers })
    })
    await connectWorkos(version, stub.url, 'key')
      .audit.createEvent('org', event())
      .catch(() => undefined)
    return count
  }
  const cases = workosVersions.flatMap((version) =>
    [429, 503, 504].flatMap((status) =>
      [undefined, '1'].map((retryAfter) => ({ version, status, retryAfter })),
    ),
  )
  const counts = await Promise.all(
    cases.map(({ version, status, retryAfter }) => tries(version, status, retryAfter)),
  )
  const isGivenUp = ({ version, status }: (typeof cases)[number]) =>
    version !== '11.0.0' && status !== 504
  expect(counts).toEqual(cases.map((one) => (isGivenUp(one) ? 1 : 2)))
})

test('each event is kept once by a service that has as much to write as it may hold', async () => {
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  await using server = await spawnServer({ folder })
  const refused: { version: string; status: number; code: string }[] = []
  await using front = await listen(async ({ version, path, init }) => {
    const answer = await fetch(`${server.url}${path}`, init)
    if (answer.ok) return answer
    const body = (await answer.json()) as { code: string } // of every refusal
    refused.push({ version, status: answer.status, code: body.code })
    return Response.json(body, answer)
  })
  const text = 'x'.repeat(250_000)
  const large = { action: 'a', actor: { id: 'u' }, data: { text } }
  await server.post('/v1/events', { action: 'first', actor: { id: 'u' } })

  // Somebody else's transaction: nothing is written until it ends. More than may wait is sent.
  const holder = new DatabaseSync(`${folder}/log.db`, { timeout: 10_000 })
  holder.exec('BEGIN IMMEDIATE')
  const isFull = Promise.withResolvers<void>()
  const others = Array.from({ length: 140 }, async (_, n) => {
    let code: string | undefined
    // Of two logs: one gets no more than its share of what may wait.
    const tenant = n % 2 === 0 ? 'default' : 'other'
    do code = (await server.post('/v1/events', { ...large, tenant })).json.code
    while (code === 'store-unavailable') // waited for too long: others may take its place
    if (code === 'pushback') isFull.resolve()
  })
  await isFull.promise
  const sent = workosVersions.flatMap((version) => {
    const { audit } = connectWorkos(version, front.url, testRootKey)
    return [1, 2].map((n) =>
      audit.createEvent('org', event(text), { idempotencyKey: `${version}-${n}` }),
    )
  })
  const tried = () => new Set(refused.map(({ version }) => version)).size
  await expect.poll(tried, { timeout: 50_000 }).toBe(workosVersions.length)
  holder.exec('ROLLBACK')
  holder.close()

  await Promise.all(sent)
  await Promise.all(others)
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([504]))
  expect(refused.map(({ code }) => code)).toContain('pushback')
  const { json } = await server.ask('/v1/events?tenant=org')
  const ids = json.entries.map((entry: { event: { id: string } }) => entry.event.id).toSorted()
  expect(ids).toEqual(workosVersions.flatMap((one) => [`${one}-1`, `${one}-2`]).toSorted())
})

test('each event is kept once of a key that makes more requests than it may, for longer than we wait', async () => {
  await using server = await startTestServer()
  const send = workosVersions.map(async (version) => {
    const grant = { name: version, scopes: ['append'], tenants: [version], rate: 1 }
    const { key } = (await server.post('/v1/keys', grant)).json
    const { audit } = connectWorkos(version, server.url, key)
    await Promise.all(Array.from({ length: 8 }, () => audit.createEvent(version, event())))
    const { json } = await server.ask(`/v1/events?tenant=${version}`)
    return json.entries.length
  })
  expect(await Promise.all(send)).toEqual([8, 8, 8])
})
