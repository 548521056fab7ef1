import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { expect, test } from 'vitest'
import { createEventStreamParser } from './event-stream.ts'
import { type ClientOptions, createClient } from './index.ts'
import * as limits from './limits.ts'

/** Whoever sits at the service's address, or in between, and means no good. */
async function start(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const connect = (url: string, options: Partial<ClientOptions> = {}) =>
  createClient({ url, key: 'ind_secret', drainOnSigterm: false, appendTimeoutMs: 1, ...options })
const event = { action: 'a', actor: { id: 'u_1' } }
const tooLong = { code: 'answer-unexpected', message: expect.stringContaining('longer') }

/** As much as anybody takes. */
function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(1024 * 1024, 'a')
}

test('an answer without end is given up, by Node’s http and by fetch, and ends nothing else (F-08)', async () => {
  let sent = 0
  await using service = await start((_request, response) => {
    const body = Readable.from(endless()).on('data', (chunk: Buffer) => {
      sent += chunk.length
    })
    response.writeHead(201).on('close', () => body.destroy())
    body.pipe(response)
  })
  await using byHttp = connect(service.url)
  await using byFetch = connect(service.url, { fetch })
  await expect(byHttp.append(event)).rejects.toMatchObject(tooLong)
  await expect(byFetch.append(event)).rejects.toMatchObject(tooLong)
  expect(sent).toBeLessThan(8 * limits.answerBytesMax)
})

test('a refusal that is small until it is unpacked is read no further than it may be (F-08)', async () => {
  let unpacked = 0
  await using service = await start((_request, response) => {
    const body = Readable.from(endless()).on('data', (chunk: Buffer) => {
      unpacked += chunk.length
    })
    response.writeHead(500, { 'content-encoding': 'gzip' }).on('close', () => body.destroy())
    body.pipe(createGzip()).pipe(response)
  })
  await using client = connect(service.url)
  await expect(client.search()).rejects.toMatchObject({ code: 'answer-unexpected', status: 500 })
  expect(unpacked).toBeLessThan(32 * limits.answerBytesMax)
})

test('a message of a stream that never ends is given up, in one line or in many (F-08)', () => {
  const encode = (text: string) => new TextEncoder().encode(text)
  for (const piece of ['data: '.padEnd(1024, 'a'), 'data: '.padEnd(1023, 'a').concat('\n')]) {
    const parse = createEventStreamParser()
    const chunk = encode(piece.repeat(1024))
    const parseAll = () => {
      for (let parsed = 0; parsed <= limits.messageCharsMax; parsed += chunk.length) parse(chunk)
    }
    expect(parseAll).toThrow('never ends')
  }
})

test('a redirect is no address of the service’s: the key goes nowhere else (F-04, F-12)', async () => {
  const asked: (string | undefined)[] = []
  await using elsewhere = await start(({ url }, response) => {
    asked.push(url)
    response.end('{"entries":[]}')
  })
  for (const status of [301, 302, 303, 307, 308]) {
    await using service = await start(({ url }, response) => {
      response.writeHead(status, { location: `${elsewhere.url}${url}` }).end()
    })
    await using byHttp = connect(service.url)
    await using byFetch = connect(service.url, { fetch })
    for (const client of [byHttp, byFetch]) {
      const tries = [client.append(event), client.search(), client.get('a'), client.export().next()]
      for (const { status } of await Promise.allSettled(tries)) expect(status).toBe('rejected')
    }
  }
  expect(asked).toEqual([])
})

test('what is no head of an event’s own acknowledges nothing: not another’s, not a page, not its echo', async () => {
  const head = { id: 'another', tenant: 't', index: 0, received: '', hash: '' }
  const answers = ['null', '1', '{}', '[]', '{"entries":[]}', '{"entries":{"length":1}}', '<html>']
  for (const one of [null, 7, {}, head]) {
    answers.push(JSON.stringify(one), JSON.stringify({ entries: [one] }))
  }
  for (const answer of [...answers, undefined]) {
    await using service = await start(async (request, response) => {
      const chunks = await request.toArray()
      response.writeHead(201).end(answer ?? Buffer.concat(chunks))
    })
    await using client = connect(service.url, { closeTimeoutMs: 1, onDropped: () => undefined })
    const lost = { code: 'answer-unexpected' }
    await expect(client.append(event)).rejects.toMatchObject(lost)
    await expect(client.appendAll([event])).rejects.toMatchObject(lost)
    client.record(event)
    await client.close()
    expect(client.stats()).toMatchObject({ appended: 0, delivered: 0, dropped: 1 })
  }
})

test('an address with a password in it is refused, and not repeated', () => {
  const make = () => connect('https://somebody:hunter2@audit.example')
  expect(make).toThrow('url must hold no credentials')
  expect(make).not.toThrow('hunter2')
})

test('an answer that would switch protocols is none: what waits is tried again, and closing ends', async () => {
  let asked = 0
  await using service = await start((request, response) => {
    asked += 1
    if (asked > 2) return void response.writeHead(503).end()
    request.socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: a\r\nconnection: upgrade\r\n\r\n',
    )
  })
  const client = connect(service.url, { random: () => 0, closeTimeoutMs: 100, onDropped: () => 1 })
  await expect(client.append(event)).rejects.toMatchObject({ code: 'unreachable' })
  client.record(event)
  await expect.poll(() => asked).toBeGreaterThan(2)
  expect(await client.close()).toEqual({ undelivered: 1 })
})
