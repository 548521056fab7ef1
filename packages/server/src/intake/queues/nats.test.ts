import { byProxy, hasNats, startNats, startTcpProxy } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { createNatsSource } from './nats.ts'

test.skipIf(!hasNats())(
  'a session whose connection is lost while it closes is closed, and the next one is opened',
  async () => {
    await using nats = await startNats()
    const { hostname: host, port } = new URL(nats.url)
    await using proxy = await startTcpProxy({ host, port: Number(port) })
    const source = createNatsSource({
      ...{ urls: [byProxy(nats.url, proxy)], tls: {}, stream: 'EVENTS', subject: 'events' },
    })
    const open = () =>
      source.open({
        ...{ prefetch: 10, onMessage: () => undefined },
        onLost: () => undefined,
      })
    const session = await open()
    // What would confirm the close never comes: the server went away in between.
    proxy.trouble({ drops: 'answers' })
    const closed = session.close()
    proxy.heal()
    proxy.cut()
    await closed
    const next = await open()
    expect(await next.countReady()).toBe(0)
    await next.close()
  },
)
