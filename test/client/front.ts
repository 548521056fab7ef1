import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Random } from '@indelible/testkit'

/** What may happen to a request on the way to the service; `after`: once the service has done it. */
export type Mishap =
  /** Answers 429 or 503 with `Retry-After: 0`, and the service never hears of it. */
  | 'refuse'
  /** Ends the connection. */
  | 'cutBefore'
  | 'cutAfter'
  /** Resets it (RST). */
  | 'resetBefore'
  | 'resetAfter'
  /** Says nothing, and never ends the connection. */
  | 'silenceBefore'
  | 'silenceAfter'
  /** Passes half of the request, or of the answer, then resets. */
  | 'halfRequest'
  | 'halfAnswer'
  /** Answers late: before or after the client gave up. */
  | 'late'
  /** Answers in small pieces, with pauses. */
  | 'trickle'

/** How often what happens: shares of one. */
export type Weather = Partial<Record<Mishap, number>>

export const calm: Weather = {}
/** Four requests of ten meet a mishap, of every kind. */
export const storm: Weather = {
  refuse: 0.1,
  cutBefore: 0.04,
  cutAfter: 0.06,
  resetBefore: 0.03,
  resetAfter: 0.04,
  silenceBefore: 0.01,
  silenceAfter: 0.02,
  halfRequest: 0.02,
  halfAnswer: 0.02,
  late: 0.03,
  trickle: 0.03,
}

/** An address that stays while the service behind it comes and goes, in whatever weather. */
export interface Front extends AsyncDisposable {
  readonly url: string
  /** The service's address; undefined while there is none. */
  behind: string | undefined
  weather: Weather
  /** How often what happened; `passed` in whole, `unavailable`: the service's own 503. */
  readonly counts: Partial<Record<Mishap | 'passed' | 'unavailable', number>>
}

/** What a client has sent and will be told. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: Buffer
}

/** @param lateMs of `late`: half of the answers come sooner */
export async function startFront(random: Random, lateMs = 500): Promise<Front> {
  const counts: Front['counts'] = {}
  const front = { behind: undefined as string | undefined, weather: calm, counts }
  const count = (what: Mishap | 'passed' | 'unavailable'): void => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  const server = createServer(async (request, response) => {
    const { behind } = front
    const mishap = behind === undefined ? 'cutBefore' : draw(front.weather, random())
    if (mishap !== undefined) count(mishap)
    response.on('error', () => undefined)
    const body = await readBody(request).catch(() => undefined)
    if (body === undefined || behind === undefined) return void request.socket.destroy()
    const exchange = { request, response, body }
    if (mishap === undefined || !isBefore(mishap)) {
      const answer = await forward(behind, exchange).catch(() => undefined)
      if (answer === undefined) return void request.socket.destroy()
      if (answer.status === 503) count('unavailable')
      if (mishap === undefined) count('passed')
      await reply(exchange, answer, mishap, random() * 2 * lateMs)
    } else if (mishap === 'refuse') refuse(response, random() < 0.5 ? 429 : 503)
    else if (mishap === 'cutBefore') request.socket.destroy()
    else if (mishap === 'resetBefore') request.socket.resetAndDestroy()
    else if (mishap === 'halfRequest') {
      forward(behind, exchange, body.length >> 1).catch(() => undefined)
      request.socket.resetAndDestroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  return Object.assign(front, {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  })
}

const isBefore = (mishap: Mishap): boolean => /^refuse|Before$|^halfRequest/.test(mishap)

function draw(weather: Weather, lot: number): Mishap | undefined {
  let until = 0
  for (const [mishap, share] of Object.entries(weather)) {
    until += share
    if (lot < until) return mishap as Mishap // a weather has no other members
  }
  return undefined
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** @param bytesMax of the body, after which the connection is reset */
async function forward(
  behind: string,
  { request, body }: Exchange,
  bytesMax?: number,
): Promise<Answer> {
  const { method, headers, url } = request
  const onward = send(new URL(url ?? '/', behind), {
    method,
    headers: { ...headers, 'content-length': body.length },
  })
  const answered = once(onward, 'response')
  if (bytesMax === undefined) onward.end(body)
  else onward.write(body.subarray(0, bytesMax), () => onward.socket?.resetAndDestroy())
  const [answer]: IncomingMessage[] = await answered
  if (answer === undefined) throw new Error('No answer.')
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await readBody(answer) }
}

async function reply(
  { request, response }: Exchange,
  { status, headers, body }: Answer,
  mishap: Mishap | undefined,
  lateMs: number,
): Promise<void> {
  const half = body.length >> 1
  if (mishap === 'silenceAfter') return
  if (mishap === 'cutAfter') return void request.socket.destroy()
  if (mishap === 'resetAfter') return void request.socket.resetAndDestroy()
  if (mishap === 'late') await setTimeout(lateMs)
  response.writeHead(status, headers)
  if (mishap === 'halfAnswer') {
    return void response.write(body.subarray(0, half), () => request.socket.resetAndDestroy())
  }
  if (mishap === 'trickle') {
    for (let at = 0; at < half; at += Math.ceil(half / 8)) {
      response.write(body.subarray(at, Math.min(half, at + Math.ceil(half / 8))))
      await setTimeout(10)
    }
    return void response.end(body.subarray(half))
  }
  response.end(body)
}

function refuse(response: ServerResponse, status: 429 | 503): void {
  const code = status === 429 ? 'rate-exceeded' : 'pushback'
  response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '0' })
  response.end(JSON.stringify({ status, code, title: code, detail: code, type: code }))
}
