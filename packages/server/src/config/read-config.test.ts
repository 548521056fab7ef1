import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { describeSettings } from './describe-settings.ts'
import { ConfigError, readConfig } from './read-config.ts'
import { fileVariableOf, type Setting, settings } from './settings.ts'

const ownSettings: readonly Setting[] = settings
const names = ownSettings.map(({ name }) => name).sort()
const secrets = ownSettings.flatMap(({ name, secret }) => (secret === undefined ? [] : [name]))
const isOfBroker = (name: string) => /^INDELIBLE_(AMQP|NATS)_/.test(name)

/** Every variable that the settings are read from, where every broker has an address. */
function variablesRead(): string[] {
  const read = new Set<string>()
  const environment: Record<string, string> = {
    INDELIBLE_AMQP: 'amqp://localhost',
    INDELIBLE_NATS: 'nats://localhost',
  }
  readConfig(
    new Proxy(environment, {
      get(target, name) {
        read.add(String(name))
        return target[String(name)]
      },
    }),
  )
  return [...read].sort()
}

/** First and second columns of the table rows of a document that name a variable. */
function rowsOf(path: string): { name: string; usual: string }[] {
  const text = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| `(INDELIBLE_[A-Z_]+)` \| ([^|]*) \|/gm)
  return [...rows].map(([, name = '', usual = '']) => ({ name, usual: usual.replaceAll('`', '') }))
}

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

test('what is read is what the table of settings names, and the file of each secret', () => {
  const own = variablesRead().filter((name) => name.startsWith('INDELIBLE_'))
  expect(own).toEqual([...names, ...secrets.map(fileVariableOf)].sort())
})

test('the reference has every setting with its default, and no other', () => {
  const expected = ownSettings.filter(({ name }) => !isOfBroker(name))
  const rows = rowsOf('docs/reference/settings.md')
  const byName = (one: { name: string }, other: { name: string }) =>
    one.name < other.name ? -1 : 1
  expect(rows.sort(byName)).toEqual(
    expected.map(({ name, usual }) => ({ name, usual })).sort(byName),
  )
})

test('the README has every setting that is read, and no other', () => {
  const named = rowsOf('README.md').map(({ name }) => name)
  expect(named.sort()).toEqual(names.filter((name) => !isOfBroker(name)))
})

test.each(secrets)('%s can come from a file, whose last line end is not part of it', (name) => {
  using folder = createTemporaryFolder()
  const values: Record<string, string> = {
    INDELIBLE_STORE: 'postgres://db/audit',
    INDELIBLE_GUARD: 'postgres://db/guard',
    INDELIBLE_AMQP: 'amqp://localhost',
    INDELIBLE_NATS: 'nats://localhost',
  }
  const value = values[name] ?? 'a secret of many letters'
  const path = join(folder.path, 'secret')
  writeFileSync(path, `${value}\n`)
  const seed = join(folder.path, 'seed')
  writeFileSync(seed, Buffer.alloc(32))
  const more = { INDELIBLE_SEED_FILE: seed, INDELIBLE_STORE: 'postgres://db/audit' }
  const { [name as 'INDELIBLE_STORE']: _, ...others } = more // any name: what is left is the rest
  expect(readConfig({ ...others, [fileVariableOf(name)]: path })).toEqual(
    readConfig({ ...others, [name]: value }),
  )
})

test('a secret that is given twice, or whose file is missing, empty or of many lines, is named and never told', () => {
  using folder = createTemporaryFolder()
  const write = (name: string, text: string) => {
    const path = join(folder.path, name)
    writeFileSync(path, text)
    return path
  }
  const secret = 'hunter2-hunter2-hunter2'
  const faults = faultsOf({
    INDELIBLE_ROOT_KEY: secret,
    INDELIBLE_ROOT_KEY_FILE: write('key', secret),
    INDELIBLE_ADMIN_PASSWORD_FILE: write('password', '\n'),
    INDELIBLE_METRICS_KEY_FILE: secret,
    INDELIBLE_AMQP_FILE: write('amqp', `${secret}\n${secret}\n`),
    INDELIBLE_NATS_FILE: write('nats', secret),
    INDELIBLE_PORT: 'x',
  })
  for (const name of ['ROOT_KEY_FILE', 'ADMIN_PASSWORD_FILE', 'METRICS_KEY_FILE', 'AMQP_FILE'])
    expect(faults.filter((fault) => fault.startsWith(`INDELIBLE_${name}: `))).toHaveLength(1)
  expect(faults.filter((fault) => fault.startsWith('INDELIBLE_NATS: '))).toHaveLength(1)
  expect(faults.filter((fault) => fault.startsWith('INDELIBLE_PORT: '))).toHaveLength(1)
  expect(faults).toHaveLength(6)
  expect(faults.join()).not.toContain(secret)
})

test('a variable that is no setting is told, with the name that was meant', () => {
  const { warnings } = readConfig({
    INDELIBLE_PROT: '80',
    INDELIBLE_ROOTKEY: 'a-secret-value',
    INDELIBLE_SEEDFILE: 'x',
    INDELIBLE_SOMETHING_ELSE: 'x',
    INDELIBLE_KEY: 'the command line’s',
    INDELIBLE_SERVICE_HOST: '10.0.0.1',
    INDELIBLE_PORT_4680_TCP_ADDR: '10.0.0.1',
    OTHER_PORT: 'x',
  })
  expect(warnings).toEqual([
    'INDELIBLE_PROT is no setting and does nothing; is INDELIBLE_PORT meant?',
    'INDELIBLE_ROOTKEY is no setting and does nothing; is INDELIBLE_ROOT_KEY meant?',
    'INDELIBLE_SEEDFILE is no setting and does nothing; is INDELIBLE_SEED_FILE meant?',
    'INDELIBLE_SOMETHING_ELSE is no setting and does nothing',
  ])
})

test('where a setting is at fault, a typo beside it is told in the same message', () => {
  const read = () => readConfig({ INDELIBLE_PORT: 'x', INDELIBLE_STROE: 'postgres://db/x' })
  expect(read).toThrow('is INDELIBLE_STORE meant?')
})

test('the port that Kubernetes sets for a Service of the same name is told as that', () => {
  const [fault] = faultsOf({ INDELIBLE_PORT: 'tcp://10.0.0.1:4680' })
  expect(fault).toContain('enableServiceLinks: false')
})

test('a service on a database needs a seed; work on its data does not', () => {
  const environment = { INDELIBLE_STORE: 'postgres://db/audit' }
  expect(faultsOf(environment)).toEqual([expect.stringContaining('INDELIBLE_SEED_FILE: ')])
  expect(readConfig(environment, 'data').databaseUrl).toBe('postgres://db/audit')
})

test('without any variable the service listens on this machine alone and keeps a folder here', () => {
  const config = readConfig({})
  expect(config).toMatchObject({ host: '127.0.0.1', port: 4680, publicTiles: false })
  expect(config.dataFolder).toBe(`${process.cwd()}/indelible-data`)
})

test('open tokens are refused on any address but loopback, and warned about there', () => {
  for (const host of ['', '127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
    const settings = { INDELIBLE_OPEN_TOKENS: 'true', INDELIBLE_HOST: host }
    const { openTokens, warnings } = readConfig(settings)
    expect(openTokens, host).toBe(true)
    expect(warnings, host).toEqual([expect.stringContaining('INDELIBLE_OPEN_TOKENS is set')])
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.example.com']) {
    const settings = { INDELIBLE_OPEN_TOKENS: 'true', INDELIBLE_HOST: host }
    expect(() => readConfig(settings), host).toThrow('INDELIBLE_OPEN_TOKENS')
  }
})

test('every faulty setting is named at once, with what it should be', () => {
  const faulty = {
    INDELIBLE_PORT: '70000',
    INDELIBLE_STORE: 'mysql://db/x',
    INDELIBLE_GUARD: '/srv/guard',
    INDELIBLE_DRAIN_SECONDS: 'soon',
    INDELIBLE_AUDIT_HOURS: '-1',
    INDELIBLE_ORIGIN: 'not a host',
    INDELIBLE_ROOT_KEY: 'short',
    INDELIBLE_ADMIN_PASSWORD: 'short',
    INDELIBLE_LOG_LEVEL: 'loud',
    INDELIBLE_PUBLIC_TILES: 'yes',
    INDELIBLE_OPEN_TOKENS: 'yes',
    INDELIBLE_OTLP_AUDIT: 'true',
    INDELIBLE_EMBED_ORIGINS: 'https://app.example.com/page',
    INDELIBLE_REDACTION_FILE: '/nonexistent/rules.json',
  }
  const named = (environment: Record<string, string>) => {
    try {
      readConfig(environment)
      return []
    } catch (error) {
      return Object.keys(faulty).filter((name) => String(error).includes(`- ${name}: `))
    }
  }
  expect(named(faulty)).toEqual(Object.keys(faulty))
  for (const [name, value] of Object.entries(faulty))
    expect(named({ [name]: value })).toEqual([name])
})

test('an origin may be given as a URL, and a store as a folder', () => {
  const config = readConfig({
    INDELIBLE_ORIGIN: 'https://audit.example.com/',
    INDELIBLE_STORE: '/srv/indelible',
  })
  expect(config).toMatchObject({ originHost: 'audit.example.com', dataFolder: '/srv/indelible' })
})

test('a store by URL is a database that nodes share: it may have a guard apart, and is drained', () => {
  const store = 'postgres://indelible:secret@db.internal/audit'
  const guard = 'postgresql://guard@other.internal/guard'
  const config = readConfig({ INDELIBLE_STORE: store, INDELIBLE_GUARD: guard }, 'data')
  expect(config).toMatchObject({ databaseUrl: store, guardUrl: guard, drainMs: 5_000 })
  for (const wrong of ['postgres:audit', 'POSTGRES:/db/audit', 'mysql://db/audit']) {
    expect(() => readConfig({ INDELIBLE_STORE: wrong })).toThrow('- INDELIBLE_STORE: ')
  }
  expect(readConfig({ INDELIBLE_DRAIN_SECONDS: '2.5' }).drainMs).toBe(2_500)
  expect(readConfig({}).drainMs).toBe(0)
  expect(() => readConfig({ INDELIBLE_GUARD: guard })).toThrow('INDELIBLE_GUARD')
})

test('what was pasted where a file’s name belongs is told by nobody', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'
  const files = names.filter((name) => name.endsWith('_FILE'))
  const addresses = { INDELIBLE_AMQP: 'amqps://localhost', INDELIBLE_NATS: 'tls://localhost' }
  for (const pasted of [key, key.replaceAll('\n', '\\n')]) {
    const environment = Object.fromEntries(files.map((name) => [name, pasted]))
    const faults = faultsOf({ ...addresses, ...environment })
    for (const name of files) {
      expect(faults).toContain(`${name}: the name of a file, not what is in it`)
    }
    const told = JSON.stringify([faults, describeSettings(environment, new Set())])
    expect(told).not.toContain('hunter2')
  }
})

test('a password that was not encoded is told by nobody', () => {
  for (const password of [
    '/hunter2',
    '12/hunter2',
    'x/hunter2',
    '1?hunter2',
    '#hunter2',
    '@hunter2',
  ]) {
    const environment = { INDELIBLE_STORE: `postgres://me:${password}@db/audit` }
    expect(JSON.stringify(describeSettings(environment, new Set()))).not.toContain('hunter2')
  }
})
