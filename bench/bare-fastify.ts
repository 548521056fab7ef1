// The yardstick of single appends: Fastify as it comes, which parses the same body and answers.
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'

const app = fastify()
app.post('/v1/events', async (request, reply) => {
  const { id } = request.body as { id: string } // the bench sends nothing else
  return reply.code(201).send({ id, tenant: 'default', index: 0, received: '', hash: '' })
})
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo // listening on TCP
process.stdout.write(`${JSON.stringify({ port })}\n`)
