import { resolve } from 'node:path'
import { limits } from '@indelible/protocol'
import { findPasswordFault } from '../admin/passwords.ts'
import { messageOf } from '../base/message-of.ts'
import type { CertificateFiles } from '../http/certificate.ts'
import type { QueueSettings } from '../intake/queues/start.ts'
import { compileRules } from '../intake/redaction/rules.ts'
import { readEmbedOrigins } from './read-embed-origins.ts'
import { findExposure, readListening } from './read-listening.ts'
import { readQueueConfig } from './read-queue-config.ts'
import { readTelemetryConfig, type TelemetrySettings } from './read-telemetry-config.ts'
import { findSharedSeedFault } from './seed.ts'
import { createSettingReader, type Environment, type SettingReader } from './setting-reader.ts'
import { findUnknownVariables } from './unknown-variables.ts'

/** Settings of the service; see docs/reference/settings.md. */
export interface Config {
  readonly host: string
  readonly port: number
  /** What HTTPS is served with; undefined: plain HTTP. */
  readonly tls?: CertificateFiles
  /** Addresses and ranges of proxies that are believed where a request came from. */
  readonly trustedProxies: readonly string[]
  /** Over TLS, browsers are told to come by it alone (RFC 6797). */
  readonly hsts: boolean
  /** Absolute path of the data folder; unused where there is a `databaseUrl`. */
  readonly dataFolder: string
  /** `postgres://…`: the store is this database, which any number of nodes share. */
  readonly databaseUrl?: string
  /** Another database for the guard; otherwise a schema of its own in the store's. */
  readonly guardUrl?: string
  /** How long a service that was asked to stop goes on serving, for a balancer to notice. */
  readonly drainMs: number
  /** Where the instance's seed is read from, if not from the data folder. */
  readonly seedFile?: string
  /** Host (and path) that new logs' origins begin with. */
  readonly originHost?: string
  readonly rootKey?: string
  readonly adminPassword?: string
  /** Passwords that no user may choose, in lower case. */
  readonly refusedPasswords: ReadonlySet<string>
  readonly metricsKey?: string
  /** Rules of redaction beside the built-in ones; undefined: the built-in ones alone. */
  readonly redactionRules?: unknown
  /** Checkpoints and hash tiles without a credential, for any C2SP client. */
  readonly publicTiles: boolean
  /** Anybody may have an access token for the tenant `default`; on loopback alone. */
  readonly openTokens: boolean
  /** OpenTelemetry's draft of an audit signal is spoken. */
  readonly otlpAudit: boolean
  /** How often the service audits itself; 0: only when it is asked to. */
  readonly auditMs: number
  /** Origins whose pages may hold the viewer, beside the service's own. */
  readonly embedOrigins: readonly string[]
  /** Brokers' queues that events are taken from. */
  readonly queues: readonly QueueSettings[]
  readonly telemetry: TelemetrySettings
  readonly logLevel: string
  /** What is odd about the settings and does not stand in the way, as sentences. */
  readonly warnings: readonly string[]
}

/** Settings that can't be used; the message names each, and what it should be. */
export class ConfigError extends Error {
  readonly faults: readonly string[]
  /** As in `Config`: a typo is often why something else is missing. */
  readonly warnings: readonly string[]

  constructor(faults: readonly string[], warnings: readonly string[] = []) {
    const lines = [...faults, ...warnings].map((line) => `  - ${line}`)
    super(`The settings can't be used:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
    this.warnings = warnings
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
/** The date of the draft is its name: another one is another protocol. */
const otlpAuditDraft = 'draft-2026-09'
const originHostPattern =
  /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(\/[A-Za-z0-9._~-]+)*$/

/**
 * Environment → settings.
 * @param purpose work on the `data` alone needs less than a service
 * @throws ConfigError that names every faulty variable at once
 */
export function readConfig(
  environment: Environment,
  purpose: 'service' | 'data' = 'service',
): Config {
  const reader = createSettingReader(environment)
  const store = readStore(reader)
  const listening = readListening(reader)
  const seedFile = reader.text('INDELIBLE_SEED_FILE')
  if (purpose === 'service' && store.databaseUrl !== undefined) {
    const fault = findSharedSeedFault(seedFile)
    reader.check('INDELIBLE_SEED_FILE', fault === undefined, fault ?? '')
  }
  // A balancer asks /readyz every second or two; a data folder has one service, so nobody else.
  const drain = { usual: store.databaseUrl === undefined ? 0 : 5, max: 300, unit: 'seconds' }
  const hours = { usual: 24, max: 8_760, unit: 'hours' }
  const config = {
    ...store,
    ...listening,
    otlpAudit: readAuditDraft(reader),
    drainMs: reader.number('INDELIBLE_DRAIN_SECONDS', drain) * 1_000,
    auditMs: reader.number('INDELIBLE_AUDIT_HOURS', hours) * 3_600_000,
    publicTiles: reader.toggle('INDELIBLE_PUBLIC_TILES'),
    embedOrigins: readEmbedOrigins(reader),
    queues: readQueueConfig(reader),
    logLevel: readLogLevel(reader),
    telemetry: readTelemetryConfig(environment, reader),
    redactionRules: readRules(reader),
    refusedPasswords: readRefusedPasswords(reader),
    ...present({
      seedFile,
      originHost: readOrigin(reader),
      rootKey: readRootKey(reader),
      adminPassword: readAdminPassword(reader),
      metricsKey: reader.text('INDELIBLE_METRICS_KEY'),
    }),
    warnings: [...findUnknownVariables(environment), ...findExposure(listening)],
  }
  if (reader.faults.length > 0) throw new ConfigError(reader.faults, config.warnings)
  return config
}

function readStore({ text, check }: SettingReader) {
  const dataFolder = resolve(text('INDELIBLE_DATA') ?? './indelible-data')
  const store = text('INDELIBLE_STORE')
  // A URL that is written wrongly must not become a folder of that name, with nothing in it.
  const isDatabase = store !== undefined && /^postgres(ql)?:|:\/\//i.test(store)
  check(
    'INDELIBLE_STORE',
    store === undefined || !isDatabase || isPostgresUrl(store),
    'a folder, or postgres://user:password@host:5432/database (in a password, %40 for @, %23 for #)',
  )
  const guardUrl = text('INDELIBLE_GUARD')
  check(
    'INDELIBLE_GUARD',
    guardUrl === undefined || (isDatabase && isPostgresUrl(guardUrl)),
    'postgres://…, and only where INDELIBLE_STORE is one; a data folder has its own guard',
  )
  return {
    dataFolder: store === undefined || isDatabase ? dataFolder : resolve(store),
    ...present({ databaseUrl: isDatabase ? store : undefined, guardUrl }),
  }
}

function isPostgresUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^postgres(ql)?:\/\//i.test(text) && url.pathname.length > 1
}

function readOrigin({ text, check }: SettingReader): string | undefined {
  const host = text('INDELIBLE_ORIGIN')
    ?.replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
  const isFine = host === undefined || originHostPattern.test(host)
  check('INDELIBLE_ORIGIN', isFine, 'a host name or URL such as https://audit.example.com')
  return host
}

function readRootKey({ text, check }: SettingReader): string | undefined {
  const rootKey = text('INDELIBLE_ROOT_KEY')
  check('INDELIBLE_ROOT_KEY', (rootKey?.length ?? 16) >= 16, 'at least 16 characters')
  return rootKey
}

function readAdminPassword({ text, check }: SettingReader): string | undefined {
  const password = text('INDELIBLE_ADMIN_PASSWORD')
  const fault = password === undefined ? undefined : findPasswordFault(password, '', 'admin')
  check('INDELIBLE_ADMIN_PASSWORD', fault === undefined, fault?.detail ?? '')
  return password
}

/** A line each, as such lists are published. */
function readRefusedPasswords({ contents }: SettingReader): ReadonlySet<string> {
  const lines = contents('INDELIBLE_REFUSED_PASSWORDS_FILE')?.split(/\r?\n/) ?? []
  const choosable = lines.filter((line) => line.length >= limits.passwordCharsMin)
  return new Set(choosable.map((line) => line.toLowerCase()))
}

function readLogLevel({ text, check }: SettingReader): string {
  const level = text('INDELIBLE_LOG_LEVEL') ?? 'info'
  check('INDELIBLE_LOG_LEVEL', logLevels.includes(level), `one of ${logLevels.join(', ')}`)
  return level
}

function readAuditDraft({ text, check }: SettingReader): boolean {
  const draft = text('INDELIBLE_OTLP_AUDIT')
  check('INDELIBLE_OTLP_AUDIT', draft === undefined || draft === otlpAuditDraft, otlpAuditDraft)
  return draft !== undefined
}

function readRules({ contents, check }: SettingReader): unknown {
  const text = contents('INDELIBLE_REDACTION_FILE')
  if (text === undefined) return undefined
  try {
    const rules = JSON.parse(text)
    compileRules(rules, '')
    return rules
  } catch (error) {
    check('INDELIBLE_REDACTION_FILE', false, messageOf(error))
    return undefined
  }
}

/** Only the members that have a value: an optional member is left out, not undefined. */
function present<T extends Record<string, string | undefined>>(
  members: T,
): { [K in keyof T]?: string } {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: string } // undefined was filtered out
}
