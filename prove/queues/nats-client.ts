import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'

/** A publisher, and a look into streams, as somebody outside would write them. */
export async function connectNats({ url }: { readonly url: string }) {
  const connection = await connect({ servers: url, reconnect: false })
  const client = jetstream(connection)
  return {
    manager: await jetstreamManager(connection),
    /** Resolves when the server has said that it keeps the message. */
    async publish(body: unknown, named: Readonly<Record<string, string>> = {}): Promise<void> {
      const set = headers()
      for (const [name, value] of Object.entries(named)) set.set(name, value)
      await client.publish('indelible.events', JSON.stringify(body), { headers: set })
    },
    [Symbol.asyncDispose]: () => connection.close(),
  }
}
