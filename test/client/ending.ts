import { createClient } from '@indelible/client'

/** An application that records and then ends in the way its last argument names. */
const [url = '', key = '', tenant = '', ending = ''] = process.argv.slice(2)
const options = { url, key, tenant, lingerMs: 60_000 }
const clients = [createClient(options), createClient(options)]
for (const [at, client] of clients.entries()) {
  for (let n = 0; n < 100; n += 1) {
    client.record({ action: 'a', actor: { id: 'u_1' }, id: `e${at}-${n}` })
  }
}
if (ending === 'own-listener') {
  process.on('SIGTERM', async () => {
    for (const client of clients) client.record({ action: 'a', actor: { id: 'u_1' } })
    await Promise.all(clients.map((client) => client.close()))
    process.exit(7)
  })
}
process.stdout.write('ready\n')
