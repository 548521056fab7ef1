import { join } from 'node:path'
import { hasRabbitmq, type Rabbitmq, startRabbitmq } from '@indelible/testkit'
import { connect } from 'amqplib'
import { createBatches, createEventTexts } from './events.ts'
import { runLoad } from './load.ts'
import { formatRate, type Row, type Scale } from './report.ts'
import { benchKey, type Service, startService } from './service.ts'

const eventsOfBatch = 100

/** From a RabbitMQ queue, filled beforehand, against the same bodies over HTTP in the same run. */
export async function measureQueue(folder: string, scale: Scale): Promise<Row[]> {
  if (!hasRabbitmq()) return []
  await using rabbitmq = await startRabbitmq()
  const single = createEventTexts(scale.singleEvents, 11)
  const texts = createEventTexts(scale.batchedEvents, 12)
  const batches = createBatches(texts, eventsOfBatch)
  return [
    await compare('one event a message, RabbitMQ', single, single.length, 64),
    await compare('100 a message, RabbitMQ', batches, texts.length, 16),
  ]

  async function compare(
    what: string,
    bodies: readonly string[],
    events: number,
    connections: number,
  ): Promise<Row> {
    const name = `queue-${bodies.length}`
    const overHttp = await measureHttp(join(folder, `${name}-http`), bodies, connections)
    const fromQueue = await drain(rabbitmq, join(folder, name), name, bodies)
    const perBody = events / bodies.length
    const [mine, theirs] = [fromQueue * perBody, overHttp * perBody]
    return {
      what,
      value: `${formatRate(mine)} events/s`,
      against: `the same over HTTP, ${connections} connections: ${formatRate(theirs)} events/s`,
      ratio: mine / theirs,
    }
  }
}

async function measureHttp(
  folder: string,
  bodies: readonly string[],
  connections: number,
): Promise<number> {
  await using service = await startService('our-server', folder)
  const how = { port: service.port, path: '/v1/events', key: benchKey, connections, bodies }
  return (await runLoad(how)).perSecond
}

/** @returns messages a second, from when the service first says that it consumes */
async function drain(
  rabbitmq: Rabbitmq,
  folder: string,
  queue: string,
  bodies: readonly string[],
): Promise<number> {
  await publish(rabbitmq.url, queue, bodies)
  await using service = await startService('our-server', folder, {
    INDELIBLE_AMQP: rabbitmq.url,
    INDELIBLE_AMQP_QUEUE: queue,
  })
  const begin = performance.now()
  const before = await readConsumed(service)
  for (;;) {
    const consumed = await readConsumed(service)
    if (consumed === bodies.length) {
      return (consumed - before) / ((performance.now() - begin) / 1000)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function publish(url: string, queue: string, bodies: readonly string[]): Promise<void> {
  const connection = await connect(url)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  for (const [n, body] of bodies.entries()) {
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true })
    if (n % 1_000 === 0) await channel.waitForConfirms()
  }
  await channel.waitForConfirms()
  await connection.close()
}

async function readConsumed(service: Service): Promise<number> {
  const { queues }: { queues: { consumed: number }[] } = JSON.parse(await service.get('/readyz'))
  return queues[0]?.consumed ?? 0
}
