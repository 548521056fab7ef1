import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isLoopback } from '../base/loopback.ts'
import type { QueueSettings } from '../intake/queues/start.ts'
import { readEmbedOrigins } from './read-embed-origins.ts'
import { readQueueConfig } from './read-queue-config.ts'

/** Settings of the service; see docs/reference/settings.md. */
export interface Config {
  readonly host: string
  readonly port: number
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
  readonly logLevel: string
}

/** A setting that can't be used; the message names each, and what it should be. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`The settings can't be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
/** The date of the draft is its name: another one is another protocol. */
const otlpAuditDraft = 'draft-2026-09'
const originHostPattern =
  /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(\/[A-Za-z0-9._~-]+)*$/

/**
 * Environment → settings.
 * @throws ConfigError that names every faulty variable at once
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = []
  const read = (name: string): string | undefined => {
    const value = environment[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const check = (name: string, isFine: boolean, expectation: string): void => {
    if (!isFine) faults.push(`${name}: ${expectation}`)
  }

  const port = Number(read('INDELIBLE_PORT') ?? 4680)
  check('INDELIBLE_PORT', isPort(port), 'a port, 0 to 65535')
  const dataFolder = resolve(read('INDELIBLE_DATA') ?? './indelible-data')
  const store = read('INDELIBLE_STORE')
  // A URL that is written wrongly must not become a folder of that name, with nothing in it.
  const isDatabase = store !== undefined && /^postgres(ql)?:|:\/\//i.test(store)
  check(
    'INDELIBLE_STORE',
    store === undefined || !isDatabase || isPostgresUrl(store),
    'a folder, or postgres://user:password@host:5432/database (in a password, %40 for @, %23 for #)',
  )
  const guardUrl = read('INDELIBLE_GUARD')
  check(
    'INDELIBLE_GUARD',
    guardUrl === undefined || (isDatabase && isPostgresUrl(guardUrl)),
    'postgres://…, and only where INDELIBLE_STORE is one; a data folder has its own guard',
  )
  const readNumber = (name: string, usual: number, max: number, unit: string): number => {
    const number = Number(read(name) ?? usual)
    check(name, number >= 0 && number <= max, `${unit}, 0 to ${max}`)
    return number
  }
  // A balancer asks /readyz every second or two; a data folder has one service, so nobody else.
  const drainSeconds = readNumber('INDELIBLE_DRAIN_SECONDS', isDatabase ? 5 : 0, 300, 'seconds')
  const auditHours = readNumber('INDELIBLE_AUDIT_HOURS', 24, 8_760, 'hours')
  const origin = read('INDELIBLE_ORIGIN')
  const originHost = origin?.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  check(
    'INDELIBLE_ORIGIN',
    originHost === undefined || originHostPattern.test(originHost),
    'a host name or URL such as https://audit.example.com',
  )
  const rootKey = read('INDELIBLE_ROOT_KEY')
  check('INDELIBLE_ROOT_KEY', (rootKey?.length ?? 16) >= 16, 'at least 16 characters')
  const logLevel = read('INDELIBLE_LOG_LEVEL') ?? 'info'
  check('INDELIBLE_LOG_LEVEL', logLevels.includes(logLevel), `one of ${logLevels.join(', ')}`)
  const publicTiles = readSwitch(read('INDELIBLE_PUBLIC_TILES'))
  check('INDELIBLE_PUBLIC_TILES', publicTiles !== undefined, 'true or false')
  const host = read('INDELIBLE_HOST') ?? '127.0.0.1'
  const openTokens = readOpenTokens(read('INDELIBLE_OPEN_TOKENS'), host, check)
  const auditDraft = read('INDELIBLE_OTLP_AUDIT')
  const isDraftKnown = auditDraft === undefined || auditDraft === otlpAuditDraft
  check('INDELIBLE_OTLP_AUDIT', isDraftKnown, otlpAuditDraft)
  const embedOrigins = readEmbedOrigins({ read, check })
  const redactionRules = readRules(read('INDELIBLE_REDACTION_FILE'), faults)
  const queues = readQueueConfig({ read, check })
  if (faults.length > 0) throw new ConfigError(faults)

  return {
    ...{ host, port, openTokens, otlpAudit: auditDraft !== undefined },
    dataFolder: store === undefined || isDatabase ? dataFolder : resolve(store),
    drainMs: drainSeconds * 1_000,
    auditMs: auditHours * 3_600_000,
    publicTiles: publicTiles ?? false,
    embedOrigins,
    queues,
    logLevel,
    ...present({
      databaseUrl: isDatabase ? store : undefined,
      guardUrl,
      seedFile: read('INDELIBLE_SEED_FILE'),
      originHost,
      rootKey,
      adminPassword: read('INDELIBLE_ADMIN_PASSWORD'),
      metricsKey: read('INDELIBLE_METRICS_KEY'),
    }),
    ...(redactionRules === undefined ? {} : { redactionRules }),
  }
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port < 65_536

function isPostgresUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^postgres(ql)?:\/\//i.test(text) && url.pathname.length > 1
}

function readSwitch(text: string | undefined): boolean | undefined {
  if (text === undefined) return false
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** They let anybody in: that nobody elsewhere is anybody is up to the address. */
function readOpenTokens(
  text: string | undefined,
  host: string,
  check: (name: string, isFine: boolean, expectation: string) => void,
): boolean {
  const openTokens = readSwitch(text)
  check('INDELIBLE_OPEN_TOKENS', openTokens !== undefined, 'true or false')
  const isFine = openTokens !== true || isLoopback(host)
  check('INDELIBLE_OPEN_TOKENS', isFine, 'true only where INDELIBLE_HOST is 127.0.0.1 or localhost')
  return openTokens === true
}

function readRules(path: string | undefined, faults: string[]): unknown {
  if (path === undefined) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    faults.push(
      `INDELIBLE_REDACTION_FILE: ${error instanceof Error ? error.message : 'unreadable'}`,
    )
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
