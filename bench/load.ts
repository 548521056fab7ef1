import { connect, type Socket } from 'node:net'

/** What a load run did. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Sends requests over keep-alive connections, each waiting for its answer before it sends the
 * next. Raw sockets and ready-made bodies: the generator shares two cores with what it measures,
 * so it does as little as it can.
 */
export async function runLoad(options: {
  readonly port: number
  readonly path: string
  readonly key: string
  readonly connections: number
  /** Bodies, sent once each; with an empty one the request is a GET. */
  readonly bodies: readonly string[]
  readonly contentType?: string
}): Promise<LoadResult> {
  const { port, path, key, connections, bodies, contentType = 'application/json' } = options
  const rest = `${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${key}\r\n`
  const post = `POST ${rest}content-type: ${contentType}\r\ncontent-length: `
  const get = `GET ${rest}\r\n`
  let next = 0
  const latencies = new Float64Array(bodies.length)
  const begin = performance.now()
  const work = async (): Promise<void> => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const answers = readAnswers(socket)
    while (next < bodies.length) {
      const n = next++
      const body = bodies[n] ?? ''
      const sentAt = performance.now()
      socket.write(body === '' ? get : `${post}${Buffer.byteLength(body)}\r\n\r\n${body}`)
      const status = await answers()
      if (status !== 200 && status !== 201) throw new Error(`The service answered ${status}.`)
      latencies[n] = performance.now() - sentAt
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, work))
  const seconds = (performance.now() - begin) / 1000
  latencies.sort()
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  const perSecond = bodies.length / seconds
  return { requests: bodies.length, seconds, perSecond, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Status of each answer in turn; bodies are skipped by their Content-Length. */
function readAnswers(socket: Socket): () => Promise<number> {
  let pending = ''
  let wake: ((status: number) => void) | undefined
  let fail: ((error: Error) => void) | undefined
  const take = (): void => {
    const end = pending.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0)
    if (pending.length < end + 4 + length) return
    const status = Number(pending.slice(9, 12))
    pending = pending.slice(end + 4 + length)
    wake?.(status)
  }
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    pending += chunk
    take()
  })
  socket.on('error', (error) => fail?.(error))
  return () =>
    new Promise((resolve, reject) => {
      wake = resolve
      fail = reject
    })
}
