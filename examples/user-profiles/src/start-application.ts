import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, createClient } from '@indelible/client'
import { createOutbox } from '@indelible/client/postgres'
import pg from 'pg'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { migrate } from './database/migrate.ts'
import type { Operator } from './http/authenticate.ts'
import type { CaptureException } from './monitoring/reporter.ts'
import { createProfileService } from './profiles/profile-service.ts'
import { source } from './trail/read-changes.ts'

/** The application, listening. Disposing finishes what is under way, then delivers what waits. */
export interface Application extends AsyncDisposable {
  readonly url: string
}

export interface StartOptions {
  readonly config: Config
  readonly operators: readonly Operator[]
  readonly logger: Logger
  readonly captureException: CaptureException
}

/** How long reading the trail goes on trying, and an attempt to deliver an event to it. */
const auditTimeoutMs = 5_000
/** How long requests under way, and then events that wait, may take once the application is to end. */
const closeTimeoutMs = 5_000
/** How long a reader of the trail waits for what was committed before to be in it. */
const catchUpMs = 3_000

/** Builds each part once, top to bottom, and starts it. */
export async function startApplication(options: StartOptions): Promise<Application> {
  const { config, logger, captureException } = options
  await using started = new AsyncDisposableStack()

  const pool = started.adopt(createPool(config.databaseUrl, logger), (pool) => pool.end())
  await migrate(pool)
  const audit = started.use(openAudit(config, logger, captureException))
  const outbox = createOutbox({ audit })
  await outbox.migrate(pool)
  const relay = started.use(
    outbox.relay({
      db: pool,
      onError: (error) => logger.warn({ err: error }, 'Events wait in the outbox.'),
      onRejected: ({ event, error }) => {
        const id = typeof event === 'string' ? undefined : event.id
        logger.error({ err: error, event: id }, 'Indelible refused an event of the outbox.')
        captureException(error)
      },
    }),
  )
  // What can't be delivered now stays in its table, for the next start.
  started.defer(() => within(closeTimeoutMs, relay.flush()))

  const app = createApp({
    ...options,
    profiles: createProfileService({ pool, outbox }),
    audit,
    trustedHops: config.trustedHops,
    catchUp: () => within(catchUpMs, relay.flush()),
    checkDatabase: () => pool.query('SELECT 1'),
  })
  const server = createServer(app)
  server.listen(config.port, config.host)
  await once(server, 'listening')
  started.defer(() => close(server))

  const kept = started.move()
  return {
    url: urlOf(server.address(), config.host),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function createPool(connectionString: string, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 30_000,
  })
  // A connection that breaks while nobody uses it: the pool makes another.
  pool.on('error', (error) => logger.warn({ err: error }, 'A connection to PostgreSQL broke.'))
  return pool
}

/** What no transaction keeps, refused requests, waits in the spool while Indelible is away. */
function openAudit(config: Config, logger: Logger, captureException: CaptureException): Client {
  mkdirSync(config.dataFolder, { recursive: true })
  return createClient({
    url: config.indelibleUrl,
    key: config.indelibleKey,
    source,
    spool: join(config.dataFolder, 'audit.spool'),
    appendTimeoutMs: auditTimeoutMs,
    closeTimeoutMs,
    drainOnSigterm: false,
    onError: (error) =>
      logger.warn({ reason: error.message }, 'Indelible can’t be reached; it is tried again.'),
    onRejected: ({ event, error }) => {
      const id = typeof event === 'string' ? undefined : event.id
      logger.error({ err: error, event: id }, 'Indelible refused an event.')
      captureException(error)
    },
  })
}

/** Lets requests finish, for a while: one that never ends must not keep the process from ending. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await within(closeTimeoutMs, closed)
  server.closeAllConnections()
  await closed
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const ending = new AbortController()
  // What fails is told elsewhere, and tried again; the reader sees what is in the log.
  await Promise.race([work, pause(timeoutMs, undefined, ending)]).catch(() => undefined)
  ending.abort()
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string') throw new Error('There is no port.')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
