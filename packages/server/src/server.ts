import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { createAdministration } from './admin/administration.ts'
import { systemClock } from './base/clock.ts'
import { createUuidV7 } from './base/ids.ts'
import type { Config } from './config/read-config.ts'
import { registerAccessRoutes } from './http/access-routes.ts'
import { registerApiDocs } from './http/api-docs.ts'
import { createApp } from './http/app.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { createMetrics } from './http/metrics.ts'
import { createReadAudit } from './http/read-audit.ts'
import { registerReadRoutes } from './http/read-routes.ts'
import { registerAppendEvents } from './http/routes/append-events.ts'
import { type Readiness, registerReadHealth } from './http/routes/read-health.ts'
import { registerReadMetrics } from './http/routes/read-metrics.ts'
import { createAdmission } from './intake/admit.ts'
import { createRedactor } from './intake/redact.ts'
import type { RedactionRules } from './intake/redaction/rules.ts'
import { parseQuery } from './query/grammar.ts'
import { createEmbeddedLedger, type LedgerStatus } from './threads/embedded-ledger.ts'
import { createIndexLag } from './threads/index-lag.ts'
import { openFolder } from './threads/open-folder.ts'
import { startThreads } from './threads/start-threads.ts'
import { version } from './version.ts'

/** A running service. */
export interface Server extends AsyncDisposable {
  /** `http://host:port` it listens on. */
  readonly url: string
  /** What the first start made and nobody will be shown again. */
  readonly firstStart: { readonly adminPassword?: string; readonly rootKey?: string }
}

/**
 * Composition root: builds each part once, top to bottom, and takes them down in reverse.
 * @throws Error with a sentence for the operator where a setting or the data folder is at fault
 */
export async function startServer(
  config: Config,
  options: { readonly logger?: FastifyBaseLogger } = {},
): Promise<Server> {
  const clock = systemClock
  const logger: FastifyBaseLogger =
    options.logger ?? pino({ level: config.logLevel }, pino.destination(2))
  const reportFault = (error: unknown) => logger.error({ err: error }, 'a background task failed')
  await using cleanup = new AsyncDisposableStack()

  // 1 The data folder, locked for this process.
  const { dataFolder: folder, seedFile, originHost } = config
  const opened = cleanup.use(
    openFolder({
      folder,
      ...(seedFile === undefined ? {} : { seedFile }),
      ...(originHost === undefined ? {} : { originHost }),
    }),
  )
  const { keyring, instanceId } = opened

  // 2 Threads and the ledger.
  const indexLag = createIndexLag()
  const deadThreads: string[] = []
  const data = { folder, seed: opened.seed, originHost: opened.originHost }
  const threads = cleanup.use(
    startThreads(data, {
      onIndexed: ({ indexed }) => indexLag.indexed(indexed),
      onDeath(thread, error) {
        deadThreads.push(thread)
        logger.fatal({ err: error, thread }, 'a thread died; restart the service')
      },
    }),
  )
  const { reader } = threads
  const ledger = createEmbeddedLedger({ threads, keyring, clock, indexLag, onFault: reportFault })
  cleanup.defer(() => ledger.close())
  await ledger.start()

  // 3 Who may.
  const redactor = createRedactor({
    // Checked when compiled: a faulty rule is named and the service does not start.
    rules: (config.redactionRules ?? {}) as RedactionRules,
    hashSecret: Buffer.from(keyring.deriveSecret('redaction')).toString('hex'),
  })
  const { redact } = redactor
  const listLogs = () => reader.listLogs()
  const administration = cleanup.use(
    await createAdministration({
      store: { listAdmin: (kind) => reader.listAdmin(kind) },
      ledger,
      clock,
      randomBytes,
      tokenSecret: keyring.deriveSecret('tokens'),
      instanceId,
      checkQuery: (query) => void parseQuery(query, clock()),
      listLogs,
      redact,
      reportFault,
      ...(config.rootKey === undefined ? {} : { rootKey: config.rootKey }),
    }),
  )
  const firstStart = await makeFirstCredentials(administration, config)

  // 4 What comes in, and what is read.
  const admission = createAdmission({ clock, createId: createUuidV7, redactor })
  const readAudit = cleanup.use(createReadAudit({ ledger, clock, redact, onFault: reportFault }))
  const authenticator = createAuthenticator({ ...administration, clock })

  // 5 HTTP.
  const app = createApp({ logger })
  cleanup.defer(() => app.close())
  const metrics = createMetrics({
    readFigures: () => ({ ...ledger.status(), systemReads: readAudit.systemReads }),
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  await registerApiDocs(app, { version })
  registerAppendEvents(app, { authenticator, admission, ledger })
  const { publicTiles } = config
  const readParts = { authenticator, reader, ledger, readAudit, clock, listLogs, publicTiles }
  registerReadRoutes(app, readParts)
  registerAccessRoutes(app, { ...administration, authenticator, redact })
  registerReadHealth(app, { readReadiness: () => describeReadiness(ledger.status(), deadThreads) })
  const { metricsKey } = config
  registerReadMetrics(app, { metrics, ...(metricsKey === undefined ? {} : { metricsKey }) })
  await app.listen({ host: config.host, port: config.port })

  const { port } = app.server.address() as AddressInfo // listening on TCP, so never a pipe's name
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const parts = cleanup.move()
  return {
    url: `http://${host}:${port}`,
    firstStart,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function makeFirstCredentials(
  { firstStart }: Awaited<ReturnType<typeof createAdministration>>,
  { adminPassword: given, rootKey: ownRootKey }: Config,
): Promise<Server['firstStart']> {
  const adminPassword = await firstStart.ensureAdmin(given === undefined ? {} : { password: given })
  const rootKey = ownRootKey === undefined ? await firstStart.ensureRootKey() : undefined
  return {
    ...(adminPassword === undefined ? {} : { adminPassword }),
    ...(rootKey === undefined ? {} : { rootKey }),
  }
}

function describeReadiness(status: LedgerStatus, deadThreads: readonly string[]): Readiness {
  const { stopped, signingRefusals, ...figures } = status
  return {
    isReady: stopped === undefined && signingRefusals.length === 0 && deadThreads.length === 0,
    detail: {
      ...{ version, store: 'sqlite', ...figures },
      ...{ signingRefusals, stopped: stopped ?? null, deadThreads },
    },
  }
}
