import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { limits } from '@indelible/protocol'
import { sendRaw } from '@indelible/testkit'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { type ConnectionBounds, usualBounds } from './connections.ts'

/** An application of two routes: one takes a body and says so, one answers with more than sockets hold. */
async function listen(bounds: Partial<ConnectionBounds>) {
  const app = createApp({ logger: pino({ level: 'silent' }), bounds: { checkMs: 20, ...bounds } })
  const handled: string[] = []
  app.post('/take', async (request) => {
    handled.push(request.headers['x-name'] as string) // set by every request of these tests
    return { taken: true }
  })
  app.get('/page', (request, reply) => {
    const id = String(request.headers['x-name'])
    request.principal = { kind: 'key', id, name: id, scopes: ['read'], tenants: ['*'] }
    return reply.header('link', '</page>; rel="next"').send('x'.repeat(1_000_000))
  })
  app.get('/large', (_, reply) => reply.send('x'.repeat(50_000_000)))
  const sockets: Socket[] = []
  app.server.on('connection', (socket: Socket) => sockets.push(socket))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, url, handled, sockets, [Symbol.asyncDispose]: () => app.close() }
}

const head = 'POST /take HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
const request = (name: string, more = '') =>
  `${head}X-Name: ${name}\r\n${more}Content-Length: 2\r\n\r\n{}`

/** A connection to it, and all that came over it when it is closed. */
function open(url: string) {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined) // reset by the server, which is what is tested
  const { promise: closed, resolve } = Promise.withResolvers<string>()
  socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  return { socket, closed }
}

/** A connection on which the large answer has begun; where the machine stands still, another one. */
async function openLarge(url: string): Promise<ReturnType<typeof open>> {
  const connection = open(url)
  connection.socket.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n')
  const begun = once(connection.socket, 'data').then(() => true)
  const hasBegun = await Promise.race([begun, connection.closed.then(() => false)])
  return hasBegun ? connection : openLarge(url)
}

describe('a connection is closed', () => {
  test.each([
    ['in its headers (D-02)', 'POST /take HTTP/1.1\r\nHost: a\r\nX-Slow: ', { headersMsMax: 50 }],
    ['in its body (D-02)', `${head}Content-Length: 9\r\n\r\n{`, { requestMsMax: 50 }],
    ['in a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n9\r\n{`, { requestMsMax: 50 }],
  ])('whose request comes by the byte, %s, and told so', async (_, start, bounds) => {
    await using server = await listen({ headersMsMax: 50, ...bounds })
    const { socket, closed } = open(server.url)
    socket.write(start)
    // Behind what has come: to write on a connection that was reset loses what is not read yet.
    const drip = setInterval(() => setImmediate(() => socket.write(' ')), 10)
    expect(await closed).toMatch(/^HTTP\/1\.1 408 .*"code":"request-timeout"/s)
    clearInterval(drip)
    expect(server.handled).toEqual([])
  })

  test('that says nothing at all', async () => {
    await using server = await listen({ headersMsMax: 50, requestMsMax: 50 })
    expect(await open(server.url).closed).toContain('408')
  })

  test('that has nothing more to say', async () => {
    await using server = await listen({ idleMsMax: 50 })
    const { socket, closed } = open(server.url)
    socket.write(request('one'))
    expect(await closed).toMatch(/200 OK.*"taken":true}$/s)
  })

  test('whose reader has stopped: an answer is not held for it for good (D-02)', async () => {
    await using server = await listen({ stalledMsMax: 100 })
    const { socket, closed } = await openLarge(server.url)
    socket.pause()
    await expect.poll(() => server.sockets.at(-1)?.destroyed).toBe(true)
    socket.resume()
    expect((await closed).length).toBeLessThan(50_000_000)
  })

  test('after so many requests, the last of them told so and none behind it begun', async () => {
    await using server = await listen({ requestsPerConnectionMax: 3 })
    const { socket, closed } = open(server.url)
    socket.write(['1', '2', '3', '4', '5'].map((name) => request(name)).join(''))
    const text = await closed
    expect(text.match(/200 OK/g)).toHaveLength(3)
    expect(text.match(/connection: close/gi)).toHaveLength(1)
    expect(server.handled).toEqual(['1', '2', '3'])
  })
})

test('beyond the bound a connection is closed unheard, and makes room of those that are idle', async () => {
  await using server = await listen({ connectionsMax: 4 })
  const idle = Array.from({ length: 4 }, () => open(server.url))
  for (const [n, { socket }] of idle.entries()) {
    socket.write(request(`idle-${n}`))
    await once(socket, 'data')
  }
  const dropped = open(server.url)
  expect(await dropped.closed).toBe('')
  await Promise.all(idle.map(({ closed }) => closed))
  const { status } = await sendRaw(server.url, request('later', 'Connection: close\r\n'))
  expect(status).toBe(200)
  expect(server.handled.at(-1)).toBe('later')
})

test('who asks for a hundred pages and reads none has a few held, and nobody else has fewer (D-02, D-06)', async () => {
  await using server = await listen({ unreadBytesMax: 16_000_000 })
  const page = (name: string) => `GET /page HTTP/1.1\r\nHost: a\r\nX-Name: ${name}\r\n`
  const { socket, closed } = open(server.url)
  socket.pause()
  // In one piece: what comes later finds room that the first answers have left.
  socket.write(`${`${page('noisy')}\r\n`.repeat(99)}${page('noisy')}Connection: close\r\n\r\n`)
  const status = async () =>
    (await sendRaw(server.url, `${page('quiet')}Connection: close\r\n\r\n`)).status
  expect(await status()).toBe(200)
  socket.resume()
  const text = await closed
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(4)
  expect(text.match(/HTTP\/1\.1 429/g)).toHaveLength(96)
  expect(text.match(/link: /g)).toHaveLength(4)
  expect(await status()).toBe(200)
})

test('the service’s own bounds are those of the reference, and leave descriptors to its files', async () => {
  await using server = await listen(usualBounds)
  const { server: http } = server.app
  expect([http.headersTimeout, http.requestTimeout, http.keepAliveTimeout, http.timeout]).toEqual([
    ...[limits.headersMsMax, limits.requestMsMax, limits.idleMsMax, limits.stalledMsMax],
  ])
  expect(http.maxConnections).toBeLessThanOrEqual(limits.connectionsMax)
})

test('bytes that are no request are answered behind the request before them, never in its place', async () => {
  await using server = await listen({})
  for (const more of ['GARBAGE\r\n\r\n', `${head}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`]) {
    const { socket, closed } = open(server.url)
    socket.write(request('whole') + more)
    const text = await closed
    expect(text).toMatch(/^HTTP\/1\.1 200 OK.*"taken":true}HTTP\/1\.1 400 .*http-malformed/s)
  }
})
