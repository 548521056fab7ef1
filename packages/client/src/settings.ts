import { ClientError } from './error.ts'
import { tenantPattern } from './limits.ts'
import type { ClientOptions } from './options.ts'

type Check = (value: unknown) => boolean

/** Longer timers fire at once. */
const timerMsMax = 2 ** 31 - 1

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isTenant: Check = (value) => typeof value === 'string' && tenantPattern.test(value)
const isCount: Check = (value) => typeof value === 'number' && value >= 1
const isMs: Check = (value) => typeof value === 'number' && value >= 0 && value <= timerMsMax
const isFunction: Check = (value) => typeof value === 'function'

const text = [isText, 'a text, and not an empty one'] as const
const count = [isCount, 'a number from 1'] as const
const ms = [isMs, `milliseconds: a number from 0 to ${timerMsMax}`] as const
const hook = [isFunction, 'a function'] as const

// The compiler says so if one is missing.
const rules: Readonly<Record<keyof ClientOptions, readonly [Check, string]>> = {
  url: [isText, 'the address of the service, such as "https://audit.example"'],
  // What is read of a file ends in a line break, which no header can hold.
  key: [
    (value) => typeof value === 'string' && /^[!-~]+$/.test(value),
    'an API key ("ind_…"), alone, without spaces or line breaks; is the variable set that it comes from?',
  ],
  source: text,
  tenant: [isTenant, '1 to 128 letters, digits, dots, _ or -'],
  spool: [isText, 'the path of a file'],
  fsync: [
    (value) => value === 'each' || value === 'second' || value === 'never',
    '"each", "second" or "never"',
  ],
  spoolBytesMax: count,
  queueEventsMax: count,
  queueBytesMax: count,
  onFull: [
    (value) => value === 'throw' || value === 'block' || isFunction(value),
    '"throw", "block" or a function',
  ],
  batchEventsMax: count,
  lingerMs: ms,
  requestTimeoutMs: ms,
  appendTimeoutMs: ms,
  closeTimeoutMs: ms,
  drainOnSigterm: [(value) => typeof value === 'boolean', 'true or false'],
  onRejected: hook,
  onDropped: hook,
  onError: hook,
  clock: hook,
  random: hook,
  fetch: hook,
}

/**
 * Where no compiler looked: a misspelt `spool` would keep events in memory, and an empty `key` have
 * each of them refused, long after the start.
 * @throws ClientError `settings-invalid`, naming the option; its value is not told, it could be a key
 */
export function assertOptions(options: ClientOptions): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    const rule = Object.hasOwn(rules, name) ? rules[name as keyof ClientOptions] : undefined
    if (rule === undefined) {
      const known = Object.keys(rules).join(', ')
      throw refuse(`createClient has no option "${name}"; it has ${known}.`)
    }
    const [check, what] = rule
    if (value !== undefined && !check(value)) throw refuse(`${name} must be ${what}.`)
  }
  if (options?.url === undefined) throw refuse(`url must be ${rules.url[1]}.`)
  if (/\/v1(\/|$)/.test(options.url)) throw refuse('url names the service alone, without /v1.')
}

const refuse = (message: string): ClientError => new ClientError('settings-invalid', message)
