// The service under test, in a process of its own, as `indelible serve` runs it.
import { readConfig, startServer } from '@indelible/server'

const server = await startServer(readConfig(process.env))
process.stdout.write(`${JSON.stringify({ port: Number(new URL(server.url).port) })}\n`)
process.on('SIGTERM', () => void server[Symbol.asyncDispose]().then(() => process.exit(0)))
