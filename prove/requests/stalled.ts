import { connect } from 'node:net'
import { limits } from '@indelible/protocol'
import type { SpawnedServer } from '@indelible/testkit'
import type { Tier } from '../harness/stage.ts'

/** For a machine that is busy, and for how often the service looks. */
const slackMs = 35_000

const head = 'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

/**
 * Requests of which nothing more comes. They are ended by the service's own time-outs, while it
 * answers others. One whose body is missing has a minute for that: the quick tier does not wait.
 */
export function openStalled(server: SpawnedServer, tier: Tier) {
  const began = performance.now()
  const port = Number(new URL(server.url).port)
  const beginnings = [
    ...['', 'P', 'POST /v1/events HT', head, `${head}Content-Len`],
    ...(tier === 'full' ? [`${head}Content-Length: 5\r\n\r\n{`] : []),
  ]
  let ended = 0
  const connections = beginnings.map((text) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => undefined).on('data', () => undefined)
    socket.write(text)
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.on('close', () => {
      ended++
      resolve()
    })
    return { text, socket, closed: promise }
  })

  return {
    get ended() {
      return ended
    },
    /** @returns what was not ended */
    async settle(): Promise<string[]> {
      const dueMs = tier === 'full' ? limits.requestMsMax : limits.headersMsMax
      const allowedMs = dueMs + slackMs
      const { promise: isDue, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, Math.max(0, began + allowedMs - performance.now()))
      await Promise.race([isDue, Promise.all(connections.map(({ closed }) => closed))])
      clearTimeout(timer)
      const open = connections.filter(({ socket }) => !socket.closed)
      for (const { socket } of open) socket.destroy()
      return open.map(({ text }) => `${JSON.stringify(text)} was left open.`)
    },
  }
}
