// Publishes events to the queue that Indelible takes them from:
//
//   AMQP_URL=amqp://localhost node examples/publish-to-rabbitmq.mjs
//
// Any AMQP 0-9-1 client will do. Three things make sure that no event is lost or doubled:
// a confirm channel, `mandatory`, and an `id` that is the same when you publish the event again.
import { connect } from 'amqplib'

const queue = process.env.QUEUE ?? 'indelible.events'
const connection = await connect(process.env.AMQP_URL ?? 'amqp://localhost')
connection.on('error', (error) => console.error(`The connection failed: ${error.message}`))
const channel = await connection.createConfirmChannel()
// As Indelible declares it, so that it does not matter who comes first. A different declaration
// is refused; limits and the like belong in a policy.
await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })

/** Messages that no queue took, by their id: the broker confirms those, too. */
const returned = new Set()
channel.on('return', ({ properties }) => returned.add(properties.messageId))

/** Resolves when the broker keeps the event; publish it again, unchanged, where it does not. */
function publish(event) {
  return new Promise((resolve, reject) => {
    const options = {
      contentType: 'application/json',
      messageId: event.id,
      timestamp: Math.floor(Date.now() / 1000),
      persistent: true,
      mandatory: true,
    }
    channel.sendToQueue(queue, Buffer.from(JSON.stringify(event)), options, (error) => {
      if (error) reject(error)
      else if (returned.delete(event.id)) reject(new Error(`There is no queue "${queue}".`))
      else resolve()
    })
  })
}

const orders = [4711, 4712, 4713]
await Promise.all(
  orders.map((order) =>
    publish({
      id: `order-${order}-paid`,
      action: 'order.paid',
      actor: { id: 'u_1', name: 'Ada' },
      targets: [{ type: 'order', id: String(order) }],
      // When it happened, not when it is published: published again, it is the same event.
      time: '2026-11-20T20:11:00Z',
    }),
  ),
)
console.log(`${orders.length} events are with the broker.`)
await connection.close()
