import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { type ChannelModel, connect } from 'amqplib'

/** A broker that does not answer within this is tried again, or its neighbour. */
const connectMsMax = 5_000
/** A peer that is gone without a word is noticed within two of these. */
const heartbeatS = 10
/** A close that the broker does not answer is one all the same. */
const closeMsMax = 2_000

export interface AmqpAddress {
  /** `amqp://` or `amqps://`, with user, password and virtual host; several of one cluster. */
  readonly urls: readonly string[]
  /** PEM: the broker's authority, and our own certificate where it asks for one. */
  readonly tls: Pick<TlsOptions, 'ca' | 'cert' | 'key'>
}

/**
 * Connects to the first of the addresses that answers.
 * @throws the last one's error
 */
export async function connectAmqp(
  { urls, tls }: AmqpAddress,
  purpose: string,
): Promise<ChannelModel> {
  let failure: unknown = new Error('There is no address of a broker.')
  for (const url of urls) {
    try {
      const connection = await connect(withHeartbeat(url), {
        ...tls,
        noDelay: true,
        keepAlive: true,
        timeout: connectMsMax,
        clientProperties: { product: 'Indelible', connection_name: `indelible ${purpose}` },
      })
      // Without a listener an error would end the process; `close` follows and says the same.
      connection.on('error', () => undefined)
      return connection
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function withHeartbeat(url: string): string {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) {
    address.searchParams.set('heartbeat', String(heartbeatS))
  }
  return address.href
}

/** Closes in order, so that what was sent before is done; gives up on a broker that is silent. */
export async function closeAmqp(connection: ChannelModel): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, closeMsMax)
  await Promise.race([connection.close().catch(() => undefined), tooLate]) // or closed already
  clearTimeout(timer)
}
