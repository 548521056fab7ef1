import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StubRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type StubAnswer = (request: StubRequest, response: ServerResponse) => void

/** A remote service whose answers the test decides: for what a real one does only when it fails. */
export async function startStubService(answer: StubAnswer) {
  const requests: StubRequest[] = []
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    }
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an AddressInfo; a string is what a pipe has.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

/** Keeps events by id, as the service does; refuses those whose action is `bad`. */
export function createEventKeeper() {
  const kept = new Map<string, { action: string }>()
  const refuse = (response: ServerResponse, errors: readonly { pointer: string }[]) =>
    answerJson(response, 422, {
      ...{ type: 'about:blank', title: 'x', status: 422, code: 'event-invalid' },
      ...{ detail: 'Some events are faulty.', errors },
    })
  return {
    kept,
    /** @param faults `pointers`: which events are faulty is said; `silent`: only that some are. */
    answer(request: StubRequest, response: ServerResponse, faults: 'pointers' | 'silent'): void {
      const events: { id: string; action: string }[] = request.body
        .split('\n')
        .map((line) => JSON.parse(line))
      const errors = events.flatMap(({ action }, at) =>
        action === 'bad' ? [{ pointer: `/${at}/action`, detail: 'is bad' }] : [],
      )
      if (errors.length > 0) {
        refuse(response, faults === 'pointers' ? errors : [])
        return
      }
      const entries = events.map((event) => {
        const duplicate = kept.has(event.id)
        kept.set(event.id, event)
        return { id: event.id, tenant: 'default', index: 0, ...(duplicate ? { duplicate } : {}) }
      })
      answerJson(response, 201, { entries })
    },
  }
}
