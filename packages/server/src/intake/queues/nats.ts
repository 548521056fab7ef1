import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, credsAuthenticator, headers, type NatsConnection } from '@nats-io/transport-node'
import { describeDeadLetter } from './dead-letter.ts'
import {
  ackWaitMs,
  deadStreamOf,
  durableName,
  ensureTopology,
  type NatsNames,
} from './nats-topology.ts'
import type { DeadLetter, QueueMessage, QueueSession, QueueSource } from './source.ts'

export interface NatsOptions extends NatsNames {
  /** `nats://` or `tls://`, with user and password or a token; several of one cluster. */
  readonly urls: readonly string[]
  /** PEM: the servers' authority, and our own certificate where they ask for one. */
  readonly tls: Pick<TlsOptions, 'ca' | 'cert' | 'key'>
  /** Text of a credentials file (JWT and seed). */
  readonly credentials?: string
}

const connectMsMax = 5_000
const pingIntervalMs = 10_000
/** A close that the server does not answer is one all the same. */
const closeMsMax = 2_000
/** How long one request for messages stays open at the server. */
const fetchMs = 5_000

/** NATS JetStream 2.9 or later: a durable pull consumer, acknowledged message by message. */
export function createNatsSource(options: NatsOptions): QueueSource {
  return {
    broker: 'nats',
    queue: options.stream,
    async open({ prefetch, onMessage, onLost }) {
      const connection = await connectNats(options)
      try {
        const manager = await jetstreamManager(connection)
        const { created } = await ensureTopology(manager, options)
        const client = jetstream(connection)
        const consumer = await client.consumers.get(options.stream, durableName)
        const dead = deadStreamOf(options)
        const sendLetter = async (message: JsMsg, letter: DeadLetter): Promise<void> => {
          const headers = copyHeaders(message, describeDeadLetter(letter, options.stream))
          const expect = { streamName: dead.stream }
          try {
            await client.publish(dead.subject, message.data, { headers, expect })
          } catch (error) {
            // It may have been deleted since the start; the next attempt finds it.
            await ensureTopology(manager, options)
            throw error
          }
        }
        const held = createHeld()
        const receive = (message: JsMsg): void => {
          held.add(message)
          onMessage({
            ...describeMessage(message, created),
            acknowledge: () => held.release(message, () => message.ack()),
            deadLetter: (letter) => sendLetter(message, letter),
          })
        }
        void connection.closed().then((error) => {
          onLost(error instanceof Error ? error : new Error('The connection to NATS closed.'))
        })
        return createSession({ connection, consumer, held, receive, prefetch, onLost })
      } catch (error) {
        await closeNats(connection)
        throw error
      }
    },
  }
}

async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { urls, tls, credentials } = options
  const isTls = Object.keys(tls).length > 0 || urls.some((url) => url.startsWith('tls:'))
  const { username, password } = new URL(urls[0] ?? '')
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  return connect({
    servers: urls.map((url) => new URL(url).host),
    name: 'indelible',
    timeout: connectMsMax,
    pingInterval: pingIntervalMs,
    // Reconnecting is the same for every broker, and in consume.ts.
    reconnect: false,
    ...(pass !== '' ? { user, pass } : user !== '' ? { token: user } : {}),
    ...(credentials === undefined
      ? {}
      : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    // The client takes what node:tls takes, and declares less of it.
    ...(isTls ? { tls: tls as object } : {}),
  })
}

/**
 * Sends what is under way first, and gives up on a server that is silent. A drain whose connection is
 * lost before the server has confirmed it never ends.
 */
async function closeNats(connection: NatsConnection): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, closeMsMax)
  const drained = connection.drain().catch(() => undefined) // or closed already
  await Promise.race([drained, connection.closed(), tooLate])
  clearTimeout(timer)
  // Not awaited: it, too, sends what is left.
  void connection.close().catch(() => undefined)
}

/** Messages in hand, which the server is told about so that it hands them to nobody else. */
function createHeld() {
  const messages = new Set<JsMsg>()
  let wake: (() => void) | undefined
  const timer = setInterval(() => {
    for (const message of messages) message.working()
  }, ackWaitMs / 3)
  timer.unref()
  return {
    add: (message: JsMsg) => messages.add(message),
    /** Answers the server for a message, once; the connection may be gone, then it comes again. */
    release(message: JsMsg, answer: () => void): void {
      if (messages.delete(message)) answer()
      wake?.()
    },
    get count() {
      return messages.size
    },
    /** Resolves when a message was released, or when somebody `stir`s. */
    released: () =>
      new Promise<void>((resolve) => {
        wake = resolve
      }),
    stir: () => wake?.(),
    /** Gives everything back at once instead of after `ackWaitMs`. */
    giveBack(): void {
      clearInterval(timer)
      for (const message of messages) message.nak()
      messages.clear()
    },
  }
}

function createSession(parts: {
  readonly connection: NatsConnection
  readonly consumer: Consumer
  readonly held: ReturnType<typeof createHeld>
  readonly receive: (message: JsMsg) => void
  readonly prefetch: number
  readonly onLost: (error: Error) => void
}): QueueSession {
  const { connection, consumer, held, receive, prefetch, onLost } = parts
  let isPaused = false
  let stopFetch: (() => void) | undefined
  /** Asks for as many as there is room for: the server bounds what all nodes hold, not each one. */
  const pull = async (): Promise<void> => {
    while (!isPaused) {
      if (held.count > prefetch / 2) {
        await held.released()
        continue
      }
      const batch = await consumer.fetch({
        max_messages: prefetch - held.count,
        expires: fetchMs,
      })
      stopFetch = () => batch.stop()
      // Paused while it asked: what it was already given comes again.
      if (isPaused) batch.stop()
      for await (const message of batch) receive(message)
    }
  }
  const pulling = pull().catch((error: Error) => onLost(error))
  return {
    countReady: async () => (await consumer.info()).num_pending,
    async pause() {
      isPaused = true
      stopFetch?.()
      held.stir()
      await pulling
    },
    async close() {
      held.giveBack()
      await closeNats(connection)
    },
  }
}

function describeMessage(
  message: JsMsg,
  created: string,
): Omit<QueueMessage, 'acknowledge' | 'deadLetter'> {
  const header = (name: string): string | undefined => {
    const value = message.headers?.get(name)
    return value === undefined || value === '' ? undefined : value
  }
  return {
    body: Buffer.from(message.data),
    contentType: header('Content-Type'),
    contentEncoding: header('Content-Encoding'),
    messageId: header('Nats-Msg-Id'),
    position: `${created} ${message.seq}`,
    marks: '',
    publishedMs: message.time.getTime(),
    deliveriesBefore: message.info.deliveryCount - 1,
  }
}

/**
 * The publisher's headers, without those that NATS acts on: one of them would empty the
 * dead-letter stream, and the id would drop a letter that another message's letter resembles.
 */
function copyHeaders({ headers: theirs }: JsMsg, own: Record<string, string>) {
  const copy = headers()
  for (const [name, values] of theirs ?? []) {
    if (/^(nats|x-indelible)-/i.test(name)) continue
    for (const value of values) copy.append(name, value)
  }
  const messageId = theirs?.get('Nats-Msg-Id')
  if (messageId !== undefined && messageId !== '') copy.set('x-indelible-message-id', messageId)
  for (const [name, value] of Object.entries(own)) copy.set(name, value)
  return copy
}
