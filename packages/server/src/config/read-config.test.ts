import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

/** Every variable that the settings are read from. */
function variablesRead(): string[] {
  const names = new Set<string>()
  const environment: Record<string, undefined> = {}
  readConfig(
    new Proxy(environment, {
      get(_, name) {
        names.add(String(name))
        return undefined
      },
    }),
  )
  return [...names].sort()
}

/** First columns of the table rows of a document that name a variable. */
function variablesIn(path: string): string[] {
  const text = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| `(INDELIBLE_[A-Z_]+)`/gm)
  return [...rows].map(([, name]) => name ?? '').sort()
}

test('the reference has every setting that is read, and no other', () => {
  expect(variablesIn('docs/reference/settings.md')).toEqual(variablesRead())
})

test('the README has every setting that is read, and no other', () => {
  expect(variablesIn('README.md')).toEqual(variablesRead())
})

test('without any variable the service listens on this machine alone and keeps a folder here', () => {
  const config = readConfig({})
  expect(config).toMatchObject({ host: '127.0.0.1', port: 4680, publicTiles: false })
  expect(config.dataFolder).toBe(`${process.cwd()}/indelible-data`)
})

test('open tokens are refused on any address but loopback', () => {
  for (const host of ['', '127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
    const settings = { INDELIBLE_OPEN_TOKENS: 'true', INDELIBLE_HOST: host }
    expect(readConfig(settings).openTokens, host).toBe(true)
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
  const config = readConfig({ INDELIBLE_STORE: store, INDELIBLE_GUARD: guard })
  expect(config).toMatchObject({ databaseUrl: store, guardUrl: guard, drainMs: 5_000 })
  for (const wrong of ['postgres:audit', 'POSTGRES:/db/audit', 'mysql://db/audit']) {
    expect(() => readConfig({ INDELIBLE_STORE: wrong })).toThrow('- INDELIBLE_STORE: ')
  }
  expect(readConfig({ INDELIBLE_DRAIN_SECONDS: '2.5' }).drainMs).toBe(2_500)
  expect(readConfig({}).drainMs).toBe(0)
  expect(() => readConfig({ INDELIBLE_GUARD: guard })).toThrow('INDELIBLE_GUARD')
})
