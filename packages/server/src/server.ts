import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { type Administration, createAdministration } from './admin/administration.ts'
import { formatTime, systemClock } from './base/clock.ts'
import { createUuidV7 } from './base/ids.ts'
import type { Config } from './config/read-config.ts'
import { registerAccessRoutes } from './http/access-routes.ts'
import { registerApiDocs } from './http/api-docs.ts'
import { createApp } from './http/app.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { type Certificate, type CertificateFiles, createCertificate } from './http/certificate.ts'
import { registerConsole } from './http/console.ts'
import { registerDialects } from './http/dialects/register.ts'
import { createDrain } from './http/drain.ts'
import { registerEmbed } from './http/embed.ts'
import { createFairReader } from './http/fair-reader.ts'
import { registerGuide } from './http/guide.ts'
import { createIntakeRate } from './http/intake-rate.ts'
import { createReadAudit } from './http/read-audit.ts'
import { registerReadRoutes } from './http/read-routes.ts'
import { registerAppendEvents } from './http/routes/append-events.ts'
import { registerReadAudits } from './http/routes/read-audits.ts'
import { type Readiness, registerReadHealth } from './http/routes/read-health.ts'
import { registerReadMetrics } from './http/routes/read-metrics.ts'
import { registerReadService } from './http/routes/read-service.ts'
import { createAdmission } from './intake/admit.ts'
import { createPreview } from './intake/preview.ts'
import { createRepeatAppend } from './intake/recognise-repeats.ts'
import type { RedactionRules } from './intake/redaction/rules.ts'
import { createRulebook, type Rulebook } from './intake/rulebook.ts'
import {
  createSchemaFinder,
  findEventFaults,
  findSchemaFaults,
} from './intake/schemas/action-schema.ts'
import { createQueueConsumers } from './operations/queue-consumers.ts'
import { createServiceFigures } from './operations/service-figures.ts'
import { startSelfAudit } from './operations/start-self-audit.ts'
import { parseQuery } from './query/grammar.ts'
import { emptyQuery } from './query/query.ts'
import { startTelemetry } from './telemetry/start-telemetry.ts'
import type { RunningStore, StoreOptions } from './threads/running-store.ts'
import { startFolder } from './threads/start-folder.ts'
import type { SelfAudit } from './verify/self-audit.ts'
import { version } from './version.ts'

/** Where the console and the documents are, once they are built. */
const consoleFolder = join(import.meta.dirname, '../../console/dist')
const guideFolder = join(import.meta.dirname, '../../guide/dist')

/** A running service. */
export interface Server extends AsyncDisposable {
  /** `http://host:port` it listens on, or `https://…`. */
  readonly url: string
  /** What the first start made and nobody will be shown again. */
  readonly firstStart: { readonly adminPassword?: string; readonly rootKey?: string }
  /** What whoever runs it should not overlook, as sentences; `/readyz` says them, too. */
  readonly warnings: readonly string[]
  /**
   * Tells balancers to send their requests elsewhere (`/readyz` 503, `Connection: close`), and goes
   * on answering for `drainMs`. To be followed by disposing it.
   */
  drain(): Promise<void>
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
  const started = clock()
  const logger: FastifyBaseLogger =
    options.logger ?? pino({ level: config.logLevel }, pino.destination(2))
  await using cleanup = new AsyncDisposableStack()
  const telemetry = cleanup.use(await startTelemetry({ config, clock, started, logger }))
  const { metrics, faults } = telemetry
  const reportFault = (error: unknown): void => {
    logger.error({ err: error }, 'a background task failed')
    faults.report({ kind: 'background', error })
  }

  // 1 The store: threads, ledger, and what keeps it in step with other nodes.
  const deadThreads: string[] = []
  const store = cleanup.use(
    await startStore({
      ...{ config, clock, logger, observer: telemetry.appends },
      reports: {
        onFault: reportFault,
        onDeath(thread, error) {
          deadThreads.push(thread)
          logger.fatal({ err: error, thread }, 'a thread died; restart the service')
          faults.report({ kind: 'thread', error, facts: { thread } })
        },
      },
    }),
  )
  const { keyring, instanceId, ledger, shared } = store
  const reader = createFairReader(store.reader)

  // 2 Who may.
  const rulebook = createRulebook({
    // Checked when compiled: a faulty rule is named and the service does not start.
    file: config.redactionRules as RedactionRules | undefined,
    hashSecret: Buffer.from(keyring.deriveSecret('redaction')).toString('hex'),
  })
  const { redact } = rulebook
  const listLogs = () => reader.listLogs()
  const administration = cleanup.use(
    await createAdministration({
      store: { listAdmin: (kind) => reader.listAdmin(kind) },
      ledger,
      clock,
      randomBytes,
      keyring,
      tokenSecret: keyring.deriveSecret('tokens'),
      instanceId,
      checkQuery: (query) => void parseQuery(query, clock()),
      findSchemaFaults,
      findEventFaults,
      listLogs,
      redact,
      redactionChecks: rulebook,
      refusedPasswords: config.refusedPasswords,
      reportFault,
      ...shared,
      openTokens: config.openTokens,
      ...(config.rootKey === undefined ? {} : { rootKey: config.rootKey }),
    }),
  )
  followRules(rulebook, administration, reportFault)
  shared?.follow(administration.directory)

  // 3 What comes in, and what is read.
  const admission = telemetry.traceAdmission(
    createAdmission({
      ...{ clock, createId: createUuidV7, redactor: rulebook },
      findSchema: createSchemaFinder(administration.schemas),
    }),
  )
  const append = createRepeatAppend({
    append: (events) => ledger.append(events),
    readKept: async (tenant, id) => {
      const found = await reader.readEntry(tenant, id, emptyQuery)
      return found === undefined ? undefined : JSON.parse(found.json)
    },
    strip: rulebook.strip,
    changedAt: administration.redaction.changedAt,
  })
  const readAudit = cleanup.use(createReadAudit({ ledger, clock, redact, onFault: reportFault }))
  const queues = cleanup.use(
    await createQueueConsumers({
      config,
      admission,
      append,
      administration,
      ledger,
      keyring,
      clock,
      logger,
    }),
  )
  const authenticator = createAuthenticator({ ...administration, clock, ...shared })
  const selfAudit = cleanup.use(
    startSelfAudit({
      ...{ config, clock, directory: administration.directory, onFault: reportFault },
      resultSecret: keyring.deriveSecret('audit results'),
      onFailure: (findings) => faults.report({ kind: 'audit', facts: { findings } }),
      ...(shared === undefined ? {} : { isElsewhere: () => shared.isAuditing() }),
    }),
  )
  const rate = cleanup.use(
    createIntakeRate({
      readCount: () => ledger.status().appendedEntries,
      now: () => performance.now(),
    }),
  )

  // 4 HTTP.
  const certificate = config.tls && cleanup.use(followCertificate(config.tls, logger))
  const app = createApp({
    ...{ logger, meter: metrics.requests, hsts: config.hsts },
    trustedProxies: config.trustedProxies,
    ...(certificate === undefined ? {} : { certificate }),
  })
  cleanup.defer(() => app.close())
  telemetry.watch(app)
  const drain = createDrain(app, config.drainMs)
  await registerApiDocs(app, { version, folder: consoleFolder })
  registerConsole(app, { folder: consoleFolder })
  registerGuide(app, { folder: guideFolder })
  registerEmbed(app, { folder: consoleFolder, origins: config.embedOrigins })
  registerAppendEvents(app, { authenticator, admission, append })
  const { publicTiles } = config
  const readParts = { authenticator, reader, ledger, readAudit, clock, listLogs, publicTiles }
  registerReadRoutes(app, readParts)
  const previewEvent = createPreview({ clock, createId: createUuidV7, rulebook })
  registerAccessRoutes(app, { ...administration, authenticator, redact, previewEvent })
  registerDialects(app, {
    ...{ ...readParts, ...administration, admission, append },
    eventIdSecret: keyring.deriveSecret('event-ids'),
    otlpAudit: config.otlpAudit,
  })
  registerReadAudits(app, { authenticator, selfAudit })
  const { warnings } = config
  for (const warning of warnings) logger.warn(warning)
  const readReadiness = (): Readiness => {
    const { isReady, detail } = describeReadiness(store, deadThreads, drain.isUnderWay)
    const own = {
      queues: queues.figures(),
      ...describeAudit(selfAudit),
      tls: describeCertificate(certificate),
      warnings,
    }
    return { isReady, detail: { ...detail, ...own } }
  }
  registerReadHealth(app, { readReadiness })
  registerReadService(app, {
    authenticator,
    readService: createServiceFigures({
      ...{ config, store, started, readRate: rate.read, readQueues: () => queues.figures() },
      isReady: () => readReadiness().isReady,
    }),
  })
  metrics.register({
    ...{ store, selfAudit, clock, started, version },
    storeKind: config.databaseUrl === undefined ? 'sqlite' : 'postgres',
    isReady: () => readReadiness().isReady,
    deadThreads: () => deadThreads.length,
    connections: promisify(app.server.getConnections.bind(app.server)),
    systemReads: () => readAudit.systemReads,
    loginDenials: () => administration.denials.noted,
    readQueues: () => queues.figures(),
    certificateEnds: () => certificate?.state().expires ?? 0,
  })
  const { metricsKey } = config
  registerReadMetrics(app, {
    scrape: metrics.registry,
    ...(metricsKey === undefined ? {} : { metricsKey }),
  })
  await queues.start()
  await app.listen({ host: config.host, port: config.port })
  // They are shown this once: a start that fails for its port would have made them for nobody.
  const firstStart = await makeFirstCredentials(administration, config)

  const { port } = app.server.address() as AddressInfo // listening on TCP, so never a pipe's name
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const parts = cleanup.move()
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://${host}:${port}`,
    firstStart,
    warnings,
    drain: drain.begin,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

function followCertificate(files: CertificateFiles, logger: FastifyBaseLogger): Certificate {
  return createCertificate({
    files,
    onRenewal: ({ expires }) =>
      logger.info({ expires: formatTime(expires) }, 'the TLS certificate was renewed'),
    onFault: (fault) =>
      logger.error({ fault }, 'the TLS certificate can not be renewed; the one before is in use'),
  })
}

function describeCertificate(certificate: Certificate | undefined) {
  if (certificate === undefined) return null
  const { expires, fault } = certificate.state()
  return { certificateExpires: formatTime(expires), fault: fault ?? null }
}

/**
 * What administrators change of the rules is in effect before the act is answered.
 * @throws Error if a rule that was kept is faulty, as one of the file would be
 */
function followRules(
  rulebook: Rulebook,
  { directory, redaction }: Pick<Administration, 'directory' | 'redaction'>,
  reportFault: (error: unknown) => void,
): void {
  rulebook.use(redaction.ownRules())
  directory.onChange(() => {
    try {
      rulebook.use(redaction.ownRules())
    } catch (error) {
      // A node of another version made it; what was in effect stays so.
      reportFault(error)
    }
  })
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

/** One store or the other: the driver of the one that is not used is never loaded. */
async function startStore(options: StoreOptions): Promise<RunningStore> {
  if (options.config.databaseUrl === undefined) return startFolder(options)
  const { startNode } = await import('./threads/start-node.ts')
  return startNode({ ...options, url: options.config.databaseUrl })
}

function describeReadiness(
  store: RunningStore,
  deadThreads: readonly string[],
  isDraining: boolean,
): Readiness {
  const { stopped, signingRefusals, ...figures } = store.ledger.status()
  const { isReady, detail } = store.describe()
  const isSound = isReady && stopped === undefined && deadThreads.length === 0
  return {
    isReady: isSound && !isDraining,
    detail: {
      ...{ version, ...detail, ...figures, draining: isDraining },
      ...{ signingRefusals, stopped: stopped ?? null, deadThreads },
    },
  }
}

/** What was found is for those who may read the log; how much it was, for whoever is on call. */
function describeAudit(selfAudit: SelfAudit): { readonly audit: object | null } {
  const { last, growth } = selfAudit.state()
  if (last === undefined) return { audit: null }
  const { ended, entries, findings } = last
  const grown = growth === undefined ? null : formatTime(growth.ended)
  return { audit: { ended: formatTime(ended), entries, findings, growth: grown } }
}
