import { resolve } from 'node:path'
import type { Operator } from './http/authenticate.ts'

export interface Config {
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  readonly indelibleUrl: string
  readonly indelibleKey: string
  /** Undefined: a key of our own making, kept in the data folder. */
  readonly operators: readonly Operator[] | undefined
  readonly dataFolder: string
  readonly trustedHops: number
  readonly logLevel: string
  readonly sentryDsn: string | undefined
  readonly sentryEnvironment: string
}

type Environment = Readonly<Record<string, string | undefined>>

const portDefault = 3002
const keyCharsMin = 20
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

/**
 * Reads the settings, as `.env.example` explains them.
 * @throws Error that names every fault, and quotes no value: some are secrets
 */
export function readConfig(environment: Environment): Config {
  const faults: string[] = []
  const read = (name: string): string | undefined => {
    const value = environment[name]?.trim()
    return value === '' ? undefined : value
  }
  const readUrl = (name: string, protocols: readonly string[]): string => {
    const value = read(name) ?? ''
    const protocol = URL.parse(value)?.protocol ?? ''
    if (!protocols.includes(protocol)) {
      faults.push(`${name} must be a URL that begins with ${protocols.join(' or ')}`)
    }
    return value
  }
  const readNumber = (name: string, max: number, otherwise: number): number => {
    const value = Number(read(name) ?? otherwise)
    if (!Number.isInteger(value) || value < 0 || value > max) {
      faults.push(`${name} must be a whole number from 0 to ${max}`)
    }
    return value
  }
  const logLevel = read('LOG_LEVEL') ?? 'info'
  if (!logLevels.includes(logLevel)) faults.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}`)
  const sentryDsn = read('SENTRY_DSN')
  if (sentryDsn !== undefined && !URL.canParse(sentryDsn)) faults.push('SENTRY_DSN must be a URL')
  if (read('INDELIBLE_KEY') === undefined) faults.push('INDELIBLE_KEY is missing')
  const apiKeys = read('API_KEYS')
  const config: Config = {
    host: read('HOST') ?? '127.0.0.1',
    port: readNumber('PORT', 65_535, portDefault),
    databaseUrl: readUrl('DATABASE_URL', ['postgres:', 'postgresql:']),
    indelibleUrl: readUrl('INDELIBLE_URL', ['http:', 'https:']),
    indelibleKey: read('INDELIBLE_KEY') ?? '',
    operators: apiKeys === undefined ? undefined : parseOperators(apiKeys, faults),
    dataFolder: resolve(read('DATA_FOLDER') ?? 'indelible-data'),
    trustedHops: readNumber('TRUSTED_HOPS', 10, 0),
    logLevel,
    sentryDsn,
    sentryEnvironment: read('SENTRY_ENVIRONMENT') ?? 'production',
  }
  if (faults.length > 0) throw new Error(`The settings are not valid:\n- ${faults.join('\n- ')}`)
  return config
}

/** `alice:key,bob:key` */
function parseOperators(text: string, faults: string[]): Operator[] {
  const operators = text.split(',').map((part) => {
    const [name = '', ...rest] = part.trim().split(':')
    return { name, key: rest.join(':') }
  })
  for (const [at, { name, key }] of operators.entries()) {
    if (!/^[\w.@-]{1,64}$/.test(name)) {
      faults.push(`API_KEYS, part ${at + 1}: a name has letters, digits and _ . @ - only`)
    }
    if (!/^\S+$/.test(key) || key.length < keyCharsMin) {
      faults.push(
        `API_KEYS, part ${at + 1}: a key has ${keyCharsMin} characters or more, no spaces`,
      )
    }
  }
  const isRepeated = (of: 'name' | 'key') =>
    new Set(operators.map((operator) => operator[of])).size < operators.length
  if (isRepeated('name')) faults.push('API_KEYS names somebody twice')
  if (isRepeated('key')) faults.push('API_KEYS gives a key twice: who did it would be unclear')
  return operators
}
