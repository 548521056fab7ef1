import { type ConfirmChannel, connect, type GetMessage, type Options } from 'amqplib'

/** A publisher, and a look into queues, as somebody outside would write them. */
export interface RabbitmqClient extends AsyncDisposable {
  readonly channel: ConfirmChannel
  /** Resolves when the broker has confirmed: from then on the message may not be lost. */
  publish(queue: string, body: unknown, options?: Options.Publish): Promise<void>
  /** Takes the next message of a queue; waits for one. */
  take(queue: string): Promise<GetMessage>
  /** Takes a queue's first message and gives it back, so many times. */
  returnFirst(queue: string, times: number): Promise<void>
}

export async function connectRabbitmq(url: string): Promise<RabbitmqClient> {
  const connection = await connect(url)
  connection.on('error', () => undefined) // the broker is restarted on purpose
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => undefined)
  const takeNow = async (queue: string): Promise<GetMessage> => {
    for (;;) {
      const message = await channel.get(queue)
      if (message !== false) return message
    }
  }
  return {
    channel,
    publish: (queue, body, options = {}) =>
      new Promise((resolve, reject) => {
        const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
        const how = { persistent: true, mandatory: true, ...options }
        channel.sendToQueue(queue, bytes, how, (error) =>
          error === null || error === undefined ? resolve() : reject(error),
        )
      }),
    async take(queue) {
      const message = await takeNow(queue)
      channel.ack(message)
      return message
    },
    async returnFirst(queue, times) {
      for (let n = 0; n < times; n++) channel.nack(await takeNow(queue), false, true)
    },
    async [Symbol.asyncDispose]() {
      await connection.close().catch(() => undefined) // lost with a restart
    },
  }
}

/** Declares a queue as any publisher may. */
export async function declareQueue(
  { channel }: RabbitmqClient,
  queue: string,
  how: Options.AssertQueue = { arguments: { 'x-queue-type': 'quorum' } },
): Promise<void> {
  await channel.assertQueue(queue, { durable: true, ...how })
}
