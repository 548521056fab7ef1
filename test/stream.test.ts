import { type Followed, follow, type Stream, startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'

/** The live stream: no gap, no repeat, nobody else's, and over when the credential is. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const event = { action: 'a.b', actor: { id: 'u_1' } }
const makeKey = async (scopes: string[], tenants: string[]) =>
  (await post('/v1/keys', { name: 'k', scopes, tenants })).json
const indexesOf = (followed: readonly Followed[]) => followed.map(({ index }) => index)
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, at) => from + at)

describe('a stream', () => {
  test('begins with the next entry, and brings each as it is read elsewhere', async () => {
    await post('/v1/events', { ...event, tenant: 'live' })
    await using stream = await follow(server.url, '/v1/stream?tenant=live')
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    await post('/v1/events', { ...event, tenant: 'live', id: 'second' })
    const [first] = await stream.take(1)
    expect(first?.index).toBe(1)
    expect(first?.entry).toEqual((await ask('/v1/events/second?tenant=live')).json)
  })

  test('resumes across reconnects without gap or repeat while others append', async () => {
    const total = 400
    const appending = (async () => {
      for (let at = 0; at < total; at += 4) {
        const of = (offset: number) => ({ ...event, tenant: 'busy', data: { at: at + offset } })
        await Promise.all([post('/v1/events', [of(0), of(1), of(2)]), post('/v1/events', of(3))])
      }
    })()
    const seen: Followed[] = []
    while (seen.length < total) {
      const last = String(seen.at(-1)?.index ?? -1)
      await using stream = await follow(server.url, '/v1/stream?tenant=busy', { last })
      seen.push(...(await stream.take(Math.min(37, total - seen.length))))
    }
    await appending
    expect(indexesOf(seen)).toEqual(upTo(total))
    expect(new Set(seen.map(({ entry }) => entry.event.data?.at)).size).toBe(total)
  })

  test('many at once each bring all', async () => {
    const streams = await Promise.all(
      upTo(20).map(() => follow(server.url, '/v1/stream?tenant=fan', { last: '-1' })),
    )
    await Promise.all(upTo(50).map(() => post('/v1/events', { ...event, tenant: 'fan' })))
    for (const stream of streams) {
      expect(indexesOf(await stream.take(50))).toEqual(upTo(50))
      await stream[Symbol.asyncDispose]()
    }
  })

  test('brings only what its filter lets through', async () => {
    await using stream = await follow(
      server.url,
      '/v1/stream?tenant=some&outcome=denied&q=-actor:u_2',
    )
    await post('/v1/events', [
      { ...event, tenant: 'some' },
      { ...event, tenant: 'some', outcome: 'denied' },
      { ...event, tenant: 'some', outcome: 'denied', actor: { id: 'u_2' } },
      { ...event, tenant: 'some', outcome: 'denied' },
    ])
    expect(indexesOf(await stream.take(2))).toEqual([1, 3])
  })

  test('of one tenant brings nothing of another, whatever the resume id (T-11)', async () => {
    const { key } = await makeKey(['read'], ['mine'])
    await post(
      '/v1/events',
      upTo(10).map(() => ({ ...event, tenant: 'theirs' })),
    )
    await post(
      '/v1/events',
      upTo(5).map(() => ({ ...event, tenant: 'mine' })),
    )
    await using stream = await follow(server.url, '/v1/stream', { key, last: '1' })
    const seen = await stream.take(3)
    expect(seen.map(({ index, entry }) => `${entry.tenant}/${index}`)).toEqual([
      'mine/2',
      'mine/3',
      'mine/4',
    ])
    const beyond = { authorization: `Bearer ${key}`, 'last-event-id': '9' }
    expect((await ask('/v1/stream', { headers: beyond })).json.code).toBe('cursor-invalid')
  })

  test('of a viewer token keeps to its filter and cannot widen it (T-12)', async () => {
    const token = await post('/v1/tokens', { tenant: 'viewed', filter: 'actor:u_1' })
    const key = token.json.token
    await post('/v1/events', [
      { ...event, tenant: 'viewed' },
      { ...event, tenant: 'viewed', actor: { id: 'u_2' } },
      { ...event, tenant: 'viewed' },
    ])
    for (const search of ['', '?actor.id=u_1&actor.id=u_2', '?q=actor:*', '?tenant=viewed']) {
      await using stream = await follow(server.url, `/v1/stream${search}`, { key, last: '-1' })
      expect(indexesOf(await stream.take(2))).toEqual([0, 2])
    }
  })
})

describe('a stream ends', () => {
  test('when its key is revoked, at once (T-09)', async () => {
    const { id, key } = await makeKey(['read'], ['ended'])
    await using stream = await follow(server.url, '/v1/stream', { key })
    await ask(`/v1/keys/${id}`, { method: 'DELETE' })
    expect(await stream.rest()).toEqual([])
    expect((await ask('/v1/stream', { headers: { authorization: `Bearer ${key}` } })).status).toBe(
      401,
    )
  })

  test('when the key that made its viewer token is revoked (T-09)', async () => {
    const { id, key } = await makeKey(['read'], ['ended'])
    const token = await post('/v1/tokens', {}, { authorization: `Bearer ${key}` })
    await using stream = await follow(server.url, '/v1/stream', { key: token.json.token })
    await ask(`/v1/keys/${id}`, { method: 'DELETE' })
    expect(await stream.rest()).toEqual([])
  })

  test('when its user is disabled, or loses the tenant (T-09)', async () => {
    for (const change of [{ disabled: true }, { tenants: ['other'] }]) {
      const username = `ada${Object.keys(change)[0]}`
      const password = 'a long enough password'
      await post('/v1/users', { username, password, role: 'auditor', tenants: ['ended'] })
      const { token } = (await post('/v1/login', { username, password })).json
      await using stream = await follow(server.url, '/v1/stream', { key: token })
      const body = JSON.stringify(change)
      const headers = { 'content-type': 'application/json' }
      await ask(`/v1/users/${username}`, { method: 'PATCH', body, headers })
      expect(await stream.rest()).toEqual([])
    }
  })

  test('when its viewer token expires', async () => {
    // A token ends with a whole second: the first may be over before its stream is opened.
    const open = async (ttl: number): Promise<Stream> => {
      const { token } = (await post('/v1/tokens', { tenant: 'ended', ttl })).json
      return follow(server.url, '/v1/stream', { key: token }).catch((error: Error) => {
        if (!error.message.includes('answered 401') || ttl > 30) throw error
        return open(2 * ttl)
      })
    }
    await using stream = await open(1)
    expect(await stream.rest()).toEqual([])
  })

  test('when the service stops, which it does not hold up', async () => {
    await using other = await startTestServer()
    await using stream = await follow(other.url, '/v1/stream')
    await other.stop()
    expect(await stream.rest()).toEqual([])
  })
})

test('a reader who takes nothing holds nobody up, and is brought all in the end (D-09)', async () => {
  await using slow = await follow(server.url, '/v1/stream?tenant=slow', { last: '-1' })
  const wide = { ...event, tenant: 'slow', data: { x: 'x'.repeat(100_000) } }
  for (let at = 0; at < 10; at++)
    await post(
      '/v1/events',
      upTo(20).map(() => wide),
    )
  expect((await ask('/v1/logs/slow')).json.size).toBe(200)
  expect(indexesOf(await slow.take(200))).toEqual(upTo(200))
})
