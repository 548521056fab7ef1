import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '@indelible/testkit'

/** How often the way to the service does what. */
export interface Weather {
  /** Answers 429 or 503 with `Retry-After: 0`, and the service never hears of it. */
  readonly refusing: number
  /** Cuts the connection before the service hears of it. */
  readonly cutBefore: number
  /** Cuts the connection after the service has done it, before the answer. */
  readonly cutAfter: number
}

/** An address that stays while the service behind it comes and goes, in whatever weather. */
export interface Front extends AsyncDisposable {
  readonly url: string
  /** The service's address; undefined while there is none. */
  behind: string | undefined
  weather: Weather
  readonly counts: { passed: number; refused: number; cut: number }
}

export const calm: Weather = { refusing: 0, cutBefore: 0, cutAfter: 0 }

export async function startFront(random: Random): Promise<Front> {
  const counts = { passed: 0, refused: 0, cut: 0 }
  const front = { behind: undefined as string | undefined, weather: calm, counts }
  const cut = (request: IncomingMessage): void => {
    counts.cut += 1
    request.socket.destroy()
  }
  const server = createServer((request, response) => {
    const { refusing, cutBefore, cutAfter } = front.weather
    const lot = random()
    if (front.behind === undefined || lot < cutBefore) return cut(request)
    if (lot < cutBefore + refusing) return refuse(request, response)
    const isCut = lot < cutBefore + refusing + cutAfter
    void pass(front.behind, request, response, isCut)
  })
  function refuse(request: IncomingMessage, response: ServerResponse): void {
    counts.refused += 1
    const status = random() < 0.5 ? 429 : 503
    const code = status === 429 ? 'rate-exceeded' : 'pushback'
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '0' })
      response.end(JSON.stringify({ status, code, title: code, detail: code, type: code }))
    })
  }
  async function pass(
    behind: string,
    request: IncomingMessage,
    response: ServerResponse,
    isCut: boolean,
  ): Promise<void> {
    const { method, headers, url } = request
    const onward = send(new URL(url ?? '/', behind), { method, headers })
    onward.on('error', () => cut(request))
    onward.on('response', (answer) => {
      answer.on('error', () => cut(request))
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        if (isCut) return cut(request)
        counts.passed += 1
        response.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(chunks))
      })
    })
    request.pipe(onward)
  }
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
