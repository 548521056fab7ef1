import { createClient } from '@indelible/client'
import { createOutbox } from '@indelible/client/postgres'
import { createPool, inTransaction } from './pool.ts'

/**
 * An application that takes orders, each with its events, as fast as the database lets it, and relays
 * what it recorded, until it is killed. Some transactions it rolls back.
 */
const [url = '', key = '', databaseUrl = '', run = ''] = process.argv.slice(2)
const pool = createPool(databaseUrl)
const audit = createClient({
  url,
  key,
  tenant: 'shop',
  requestTimeoutMs: 500,
  appendTimeoutMs: 2_000,
})
const outbox = createOutbox({ audit })
// Refusals and cuts are what this is about; refused for good is nothing here.
outbox.relay({
  db: pool,
  pollMs: 20,
  turnMs: 200,
  batchEventsMax: 200,
  onError: () => undefined,
  onRejected: ({ error }) => {
    console.error(error)
    process.exit(1)
  },
})

async function takeOrders(lane: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const id = `${run}-${lane}-${n}`
    const fails = n % 5 === 4
    // The database is killed, too: whether it was committed, its tables say.
    await inTransaction(pool, async (client) => {
      await client.query('INSERT INTO orders (id) VALUES ($1)', [id])
      await outbox.record(client, { action: 'order.taken', actor: { id: 'u_1' }, id: `${id}-a` })
      await outbox.record(client, { action: 'order.paid', actor: { id: 'u_1' }, id: `${id}-b` })
      if (fails) throw new Error('The customer left.')
    }).catch(() => undefined)
  }
}

process.stdout.write('ready\n')
await Promise.all([0, 1, 2, 3].map(takeOrders))
