import { resolve } from 'node:path'
import { usernamePattern } from './accounts/username.ts'
import type { RateLimits } from './http/rate-limit.ts'

/** Settings; README.md says what each is for. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly dataFolder: string
  readonly indelible: { readonly url: string; readonly key: string; readonly tenant?: string }
  /** Undefined: one is made and kept in the data folder. */
  readonly jwtSecret: string | undefined
  readonly admin: { readonly username: string; readonly password: string | undefined }
  readonly limits: RateLimits
  readonly trustedHops: number
  readonly logLevel: string
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/**
 * Environment → settings.
 * @throws Error that names every faulty variable at once
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = []
  const check = <Value>(name: string, value: Value, isFine: boolean, wanted: string): Value => {
    if (!isFine) faults.push(`${name}: ${wanted}`)
    return value
  }
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined
  const readNumber = (name: string, standard: number, min: number, max: number): number => {
    const value = Number(read(name) ?? standard)
    const isFine = Number.isInteger(value) && value >= min && value <= max
    return check(name, value, isFine, `a whole number, ${min} to ${max}`)
  }
  const url = read('INDELIBLE_URL') ?? ''
  const tenant = read('INDELIBLE_TENANT')
  const jwtSecret = read('JWT_SECRET')
  const username = read('ADMIN_USERNAME') ?? 'admin'
  const password = read('ADMIN_PASSWORD')
  const logLevel = read('LOG_LEVEL') ?? 'warn'
  const key = read('INDELIBLE_KEY') ?? ''
  check('INDELIBLE_URL', url, /^https?:\/\//.test(url), 'where Indelible is, http(s)://…')
  check('INDELIBLE_KEY', key, key !== '', 'an API key with the scopes append and read')
  const isLong = jwtSecret === undefined || Buffer.byteLength(jwtSecret) >= 32
  check('JWT_SECRET', jwtSecret, isLong, 'at least 32 bytes')
  const isName = usernamePattern.test(username)
  check('ADMIN_USERNAME', username, isName, 'lower-case letters, digits, ".", "_" and "-"')
  check('ADMIN_PASSWORD', password, (password?.length ?? 8) >= 8, 'at least 8 characters')
  check('LOG_LEVEL', logLevel, logLevels.includes(logLevel), `one of ${logLevels.join(', ')}`)
  const config = {
    host: read('HOST') ?? '127.0.0.1',
    port: readNumber('PORT', 3000, 0, 65_535),
    dataFolder: resolve(read('DATA_FOLDER') ?? './indelible-data'),
    indelible: { url, key, ...(tenant === undefined ? {} : { tenant }) },
    jwtSecret,
    admin: { username, password },
    limits: {
      requestsPerMinute: readNumber('REQUESTS_PER_MINUTE', 300, 1, 1_000_000),
      loginsPerMinute: readNumber('LOGINS_PER_MINUTE', 10, 1, 1_000_000),
    },
    trustedHops: readNumber('TRUSTED_HOPS', 0, 0, 10),
    logLevel,
  }
  if (faults.length > 0) {
    throw new Error(`The settings can't be used:\n${faults.map((f) => `  - ${f}`).join('\n')}`)
  }
  return config
}
