import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { backupData, reindexData } from '@indelible/server'
import {
  createTemporaryFolder,
  type SpawnedServer,
  spawnServer,
  startReceiver,
  tamper,
} from '@indelible/testkit'
import { expect, test } from 'vitest'

/** What lies in the folder, runs in the process and comes out of it, on the worst of days. */
const event = { action: 'a.b', actor: { id: 'u_1' } }
const plant = (name: string) => `canary-${name}-${randomBytes(6).toString('hex')}`

/** Ends the process as a bug of ours would: by a rejection that nobody handles. */
const withRejection = (secret: string): string[] => {
  const code = `process.on('SIGUSR2', () => void Promise.reject(new Error('a bug near ${secret.slice(0, 3)}')))`
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

/** Secrets of whoever runs it, in its settings. */
const settings = {
  rootKey: plant('root-key'),
  adminPassword: plant('admin-password'),
  metricsKey: plant('metrics-key'),
  amqp: plant('amqp-password'),
  nats: plant('nats-password'),
  sentry: randomBytes(16).toString('hex'),
  collector: plant('collector-header'),
}

/** Secrets of callers: what they send where it does not belong, or what redaction takes. */
const sent = {
  password: plant('event-password'),
  token: plant('event-token'),
  nested: plant('event-nested'),
  header: plant('event-header'),
  url: plant('event-url'),
  change: plant('event-change'),
  malformed: plant('malformed-body'),
  unknownMember: plant('unknown-member'),
  bearer: plant('wrong-bearer'),
  cookie: plant('wrong-cookie'),
  login: plant('wrong-password'),
  username: `${plant('password-as-user')} with spaces`,
  parameter: plant('key-in-address'),
  query: plant('secret-in-search'),
  path: plant('secret-in-path'),
}

test('of 25 secrets planted everywhere none is in anything that comes out, nor kept (C-05)', {
  timeout: 120_000,
}, async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  const seed = randomBytes(32)
  const seedFile = join(temporary.path, 'seed')
  writeFileSync(seedFile, seed, { mode: 0o600 })
  await using receiver = await startReceiver()
  await using server = await spawnServer({
    folder,
    nodeFlags: withRejection('bug'),
    environment: {
      INDELIBLE_LOG_LEVEL: 'trace',
      INDELIBLE_SEED_FILE: seedFile,
      INDELIBLE_ROOT_KEY: settings.rootKey,
      INDELIBLE_ADMIN_PASSWORD: settings.adminPassword,
      INDELIBLE_METRICS_KEY: settings.metricsKey,
      INDELIBLE_AMQP: `amqp://user:${settings.amqp}@127.0.0.1:9/vhost`,
      INDELIBLE_NATS: `nats://user:${settings.nats}@127.0.0.1:9`,
      SENTRY_DSN: receiver.url.replace('http://', `http://${settings.sentry}@`).concat('/1'),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-collector=${settings.collector}`,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    },
  })
  const root = { authorization: `Bearer ${settings.rootKey}` }
  const { answers, made } = await misuse(server, root)
  const system = await server.ask('/v1/events?tenant=_system&limit=1000', { headers: root })
  const metrics = { headers: { authorization: `Bearer ${settings.metricsKey}` } }
  const outputs: Record<string, string> = {
    answers: answers.join('\n'),
    system: system.text,
    events: (await server.ask('/v1/events?tenant=default&limit=1000', { headers: root })).text,
    metrics: (await server.ask('/metrics', metrics)).text,
    health: (await server.ask('/healthz')).text + (await server.ask('/readyz')).text,
    ps: readFileSync(`/proc/${server.pid}/cmdline`, 'utf8'),
  }
  await expect.poll(() => server.errors()).toMatch(/nats/i)
  await provokeFault(server, folder)
  for (const path of ['/v1/traces', '/v1/metrics', '/api/1/envelope/']) {
    await expect.poll(() => receiver.taken.map((posted) => posted.path)).toContain(path)
  }
  await server.kill('SIGUSR2')
  outputs.diagnostics = server.output().toString()
  // Sentry's own key is in what goes to Sentry: it is how that knows us.
  outputs.telemetry = receiver.taken
    .map(({ body }) => body)
    .join('\n')
    .replaceAll(settings.sentry, '')
  outputs.folder = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')

  const asText = ['hex', 'base64', 'base64url', 'latin1'] as const
  const seeds = asText.map((encoding) => seed.toString(encoding))
  const ours = [...Object.values(settings), ...made, ...seeds]
  const secrets = [...ours, ...Object.values(sent)]
  expect(secrets.length).toBeGreaterThanOrEqual(25)
  for (const [name, text] of Object.entries(outputs)) {
    // Each has what shows that it was really taken.
    expect(text.length, name).toBeGreaterThan(15)
    // Who sends a secret may be told what of it was refused; nobody else, and nothing of ours.
    for (const secret of name === 'answers' ? ours : secrets)
      expect(text.includes(secret), `${secret} in ${name}`).toBe(false)
  }
  expect(outputs.events).toContain('[redacted:')
  expect(outputs.diagnostics).toContain('request failed')
  expect(outputs.diagnostics).toContain('a bug near')
})

/** Sends every secret where it does not belong. @returns all answers but those that make secrets */
async function misuse({ ask, post }: SpawnedServer, root: { readonly authorization: string }) {
  const admin = { username: 'admin', password: settings.adminPassword }
  const session = (await post('/v1/login', admin)).json.token
  const grant = { name: 'k', scopes: ['append', 'read'], tenants: ['default'] }
  const { key } = (await post('/v1/keys', grant, root)).json
  const viewer = (await post('/v1/tokens', { tenant: 'default' }, root)).json.token
  const json = { 'content-type': 'application/json' }
  const data = {
    password: sent.password,
    list: [{ deeper: { api_key: sent.nested } }],
    request: { headers: { authorization: `Bearer ${sent.header}` } },
    link: `https://user:${sent.url}@example.com/?access_token=${sent.token}`,
  }
  const changes = { before: { secret: sent.change }, after: { secret: `${sent.change}2` } }
  const cookie = `indelible-console=${sent.cookie}; __Host-indelible-console=${sent.cookie}`
  const answers = await Promise.all([
    post('/v1/events', { ...event, data, changes }, root),
    post('/v1/events', { ...event, [`password=${sent.unknownMember}`]: 1 }, root),
    ask('/v1/events', {
      method: 'POST',
      headers: { ...root, ...json },
      body: `{"password":"${sent.malformed}",`,
    }),
    ask('/v1/events', { headers: { authorization: `Bearer ${sent.bearer}` } }),
    ask('/v1/events', { headers: { authorization: '', cookie } }),
    post('/v1/login', { username: 'admin', password: sent.login }),
    post('/v1/login', { username: sent.username, password: 'x' }),
    ask(`/v1/events?access_token=${sent.parameter}`, { headers: root }),
    ask(`/v1/events?q=data.password:${sent.query}`, { headers: root }),
    ask(`/v1/events/${sent.path}/nothing`, { headers: { authorization: '' } }),
    ask('/v1/session', { headers: { authorization: `Bearer ${session}` } }),
    ask('/v1/keys', { headers: root }),
    ask('/v1/users', { headers: root }),
    ask('/v1/events', { headers: { authorization: `Bearer ${viewer}` } }),
    ask('/v1/events', { headers: { authorization: `Bearer ${key}` } }),
  ])
  const signature = (token: string) => token.split('.').at(-1) ?? token
  return {
    answers: answers.map(({ status, text }) => `${status} ${text}`),
    made: [signature(session), signature(viewer), key],
  }
}

/** A fault of the store, which is answered 500 and reported. */
async function provokeFault(server: SpawnedServer, folder: string): Promise<void> {
  tamper(folder, 'ALTER TABLE entry RENAME TO gone')
  const headers = { authorization: `Bearer ${settings.rootKey}` }
  const { status, text } = await server.ask('/v1/events/x', { headers })
  expect([status, text]).toEqual([
    500,
    expect.not.stringMatching(/entry_|SELECT|SQLITE|\.ts\b|at \w+ \(/),
  ])
}

test('a fault of the store is answered by the request’s id alone, without SQL or a stack (C-06)', async () => {
  using temporary = createTemporaryFolder()
  await using server = await spawnServer({ folder: join(temporary.path, 'data') })
  await server.post('/v1/events', { ...event, id: 'one' })
  tamper(server.folder, 'ALTER TABLE entry RENAME TO gone')
  let internal = 0
  for (const path of ['/v1/events/one', '/v1/events', '/v1/export', '/v1/events?q=u_1']) {
    const { status, text, json } = await server.ask(path)
    // What has to be recorded first finds that the ledger has stopped, sooner or later.
    expect([500, 503], path).toContain(status)
    expect(text).not.toMatch(/gone|no such|SELECT|sqlite|node:|\.ts\b|\bat \//i)
    if (status === 503) continue
    const [, id] = /request id is ([0-9a-f-]{36})\.$/.exec(json.detail) ?? []
    await expect.poll(() => server.errors()).toContain(id ?? 'an id')
    internal++
  }
  expect(internal).toBeGreaterThan(0)
})

test('a rejection that nobody handles ends the process, and what was acknowledged is there (C-14)', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  await using server = await spawnServer({ folder, nodeFlags: withRejection('bug') })
  let acknowledged = 0
  await Promise.allSettled(
    Array.from({ length: 200 }, async (_, n) => {
      const { status } = await server.post('/v1/events', { ...event, id: `e${n}` })
      if (status === 201) acknowledged++
      if (acknowledged === 50) process.kill(server.pid, 'SIGUSR2')
    }),
  )
  await expect.poll(() => server.hasEnded()).toBe(true)
  expect(server.errors()).toContain('a bug near')
  expect(acknowledged).toBeGreaterThanOrEqual(50)
  await using again = await spawnServer({ folder })
  const { json } = await again.ask('/v1/logs/default')
  expect(json.size).toBeGreaterThanOrEqual(acknowledged)
})

test('nobody else can read a file of the service, whatever the umask and whoever made the folder (C-10)', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'theirs')
  mkdirSync(folder, { mode: 0o755 })
  const wrapper = ['sh', '-c', 'umask 000; exec "$0" "$@"'] as const
  await using server = await spawnServer({ folder, wrapper })
  await server.post('/v1/events', event)
  // Nor a backup, into a folder that is there, or an index made anew.
  const target = join(temporary.path, 'backup')
  mkdirSync(target, { mode: 0o755 })
  process.umask(0o000)
  await backupData({ folder, target })
  process.umask(0o000)
  await reindexData({ folder })
  const made = (path: string) => readdirSync(path).map((name) => join(path, name))
  const files = [...made(folder), ...made(target)]
  expect(files.length).toBeGreaterThanOrEqual(5)
  expect(files.map((path) => basename(path))).toContain('backup.json')
  for (const path of files) expect(statSync(path).mode & 0o077, path).toBe(0)
})

test('diagnostics are a JSON object a line, whatever a caller sends to break out of them (I-08)', async () => {
  using temporary = createTemporaryFolder()
  const environment = { INDELIBLE_LOG_LEVEL: 'trace' }
  await using server = await spawnServer({ folder: join(temporary.path, 'data'), environment })
  const hostile =
    '\u001b]8;;http://evil.example\u0007x\u001b[2J\r\n{"level":60,"msg":"forged"}\n\u202e'
  await server.post('/v1/events', { ...event, action: hostile.slice(0, 50), source: hostile })
  await server.ask(`/v1/events?q=${encodeURIComponent(hostile)}`)
  await server.ask(`/${encodeURIComponent(hostile)}`)
  tamper(server.folder, 'ALTER TABLE entry RENAME TO gone')
  await server.ask(`/v1/events?data.x=${encodeURIComponent(hostile)}`)
  await server.stop()
  const lines = server.errors().trim().split('\n')
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(JSON.parse(line), line).toHaveProperty('level')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(server.errors()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(server.errors()).not.toMatch(/^\{"level":60/m)
})
