import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createTemporaryFolder, sendRaw, spawnServer, testAdminPassword } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { type Canary, memberCanaries, textCanaries } from './redaction/canaries.ts'

/**
 * Secrets stay out: after every way in was tried, no byte of the data folder and none of what the
 * process wrote holds one. The service is a process of its own, at its most talkative.
 */
const temporary = createTemporaryFolder()
const server = await spawnServer({
  folder: join(temporary.path, 'data'),
  environment: { INDELIBLE_LOG_LEVEL: 'trace' },
})
const { ask, post } = server
const canaries = [...textCanaries, ...memberCanaries]
/** No secret, sent along with each: shows that bytes would be found where they are. */
const control = 'control-text-that-is-kept'
const event = { action: 'a.b', actor: { id: 'u_1' }, data: { control } }
const trails = readTrails()
afterAll(async () => {
  await server.stop()
  temporary[Symbol.dispose]()
})

describe('secrets that are sent', () => {
  test('in any text of an event are taken out before it is kept', async () => {
    const events = textCanaries.map(({ text }) => ({
      ...event,
      actor: { id: 'u_1', name: text, via: { id: text } },
      targets: [{ type: 'file', id: 't', name: text, note: text }],
      source: text.slice(0, 200),
      context: { agent: text, path: `/x?${text}`, deep: { deeper: [text, { text }] } },
      changes: { before: { value: text }, after: { value: `${text} and more` } },
      data: { control, text, list: [text], [text]: 'as a name' },
    }))
    expect((await post('/v1/events', events)).status).toBe(201)
    const lines = `${events.map((one) => JSON.stringify(one)).join('\n')}\n`
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' }
    const body = new Uint8Array(gzipSync(lines))
    expect((await ask('/v1/events', { method: 'POST', headers, body })).status).toBe(201)
  })

  test('as members with telling names are taken out, however deep', async () => {
    const events = memberCanaries.map(({ name, secret }) => ({
      ...event,
      context: { [name]: secret },
      changes: { before: { [name]: secret }, after: { [name]: `${secret}2` } },
      data: { control, [name]: secret, deep: [{ [name]: secret }], pair: { name, value: secret } },
    }))
    expect((await post('/v1/events', events)).status).toBe(201)
  })

  test('as an action, an id or a tenant are refused', async () => {
    for (const { secret, name } of textCanaries.filter(isUnmistakable)) {
      for (const member of ['action', 'id', 'tenant']) {
        const { status } = await post('/v1/events', { ...event, [member]: secret })
        expect(status, `${name} as ${member}`).toBe(422)
      }
    }
  })

  test('in events that are refused leave no trace either', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const { text } of canaries) {
      const json = JSON.stringify({ ...event, data: { password: text } })
      for (const body of [
        json.slice(0, -2),
        `${json}}`,
        json.replace('action', text.slice(0, 9)),
      ]) {
        await ask('/v1/events', { method: 'POST', headers, body }).then(expectRefused)
      }
      await post('/v1/events', { ...event, [text]: text, outcome: text }).then(expectRefused)
    }
  })

  test('in queries, parameters and headers of reads leave no trace', async () => {
    let windows = 0
    for (const { text, name, secret } of canaries) {
      const isNamed = text === secret
      const field = isNamed ? `data.${name}` : 'data.text'
      const q = encodeURIComponent(`${field}:${quote(text)}`)
      const value = encodeURIComponent(text)
      // One that is told by its line or its name can't be told in the middle of another line.
      const agent: Record<string, string> =
        isNamed || text.includes('\n') ? {} : { 'user-agent': text }
      for (const search of [`q=${q}`, `q=-${q}`, `${field}=${value}&q=${q}`, `q=%22${value}%22`]) {
        if (isNamed && search.startsWith('q=%22')) continue
        // Each tenant opens a window of its own, so that each read is kept with its parameters.
        const path = `tenant=read.${windows++}&${search}`
        expect((await ask(`/v1/events?${path}`, { headers: agent })).status).toBeLessThan(500)
      }
      const search = `tenant=read.${windows++}&${field}=${value}`
      expect((await ask(`/v1/export?${search}`, { headers: agent })).status).toBe(200)
      await ask(`/v1/histogram?${field}=${value}`, { headers: agent })
      await ask(`/v1/values?field=${value}&prefix=${value}`, { headers: agent })
      await ask(`/v1/events/${value}`, { headers: agent })
      await ask(`/v1/${value}?token=${value}`)
      await ask(`/v1/logs/${value}/tile/${value}`)
    }
    for (const { secret } of textCanaries.filter(isUnmistakable)) {
      await ask(`/v1/events?tenant=${encodeURIComponent(secret)}`)
    }
  })

  test('as credentials that are wrong, or passwords, leave no trace', async () => {
    for (const { text, secret } of canaries) {
      const header = text.replaceAll('\n', ' ')
      await ask('/v1/events', { headers: { authorization: `Bearer ${secret}` } })
      await ask('/v1/events', { headers: { authorization: header } })
      await ask('/v1/events', { headers: { cookie: `session=${header}`, 'x-api-key': header } })
    }
    for (const { secret } of memberCanaries.slice(0, 5)) {
      await post('/v1/login', { username: 'admin', password: secret })
      await post('/v1/login', { username: `${secret}!`, password: secret })
    }
    const session = (await post('/v1/login', { username: 'admin', password: testAdminPassword }))
      .json
    const key = (await post('/v1/keys', { name: 'k', scopes: ['read'], tenants: ['a'] })).json
    issued.push(session.token, key.key, key.key.slice(-20))
  })

  test('as names of keys, users, tenants and tokens are refused', async () => {
    const grant = { scopes: ['read'], tenants: ['acme'] }
    for (const { text, secret } of textCanaries) {
      for (const [path, body] of [
        ['/v1/keys', { ...grant, name: text }],
        ['/v1/tenants', { tenant: 'acme', name: text }],
        ['/v1/tokens', { tenant: 'acme', name: text }],
        ['/v1/tokens', { tenant: 'acme', filter: quote(text) }],
        ['/v1/users', { username: text, role: 'auditor', tenants: ['acme'], password: secret }],
      ] as const) {
        const answer = await post(path, body)
        expect(answer.status, `${path} ${text}`).toBe(422)
      }
    }
    for (const { secret } of textCanaries.filter(isUnmistakable)) {
      expect((await post('/v1/tenants', { tenant: secret })).status).toBe(422)
      expect((await post('/v1/keys', { ...grant, name: 'k', tenants: [secret] })).status).toBe(422)
    }
  })

  test('in bytes that are no request leave no trace', async () => {
    for (const { text } of canaries) {
      await sendRaw(server.url, `GET /?password=${text} HTTP/1.1\r\nX ${text}\r\n\r\n`)
      await sendRaw(
        server.url,
        `POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n${text}`,
        { halfClose: true },
      )
    }
  })

  test('in records of CloudTrail are taken out', async () => {
    expect(trails.secrets.size).toBeGreaterThan(5)
    for (let at = 0; at < trails.records.length; at += 500) {
      const events = trails.records
        .slice(at, at + 500)
        .map((record) => ({ ...event, tenant: 'aws', data: record }))
      expect((await post('/v1/events', events)).status).toBe(201)
    }
  })
})

/** Credentials that the service itself made. */
const issued: string[] = []

test('nothing of them is read back, in no log and no export', async () => {
  for (const tenant of ['default', 'aws', '_system']) {
    const { text } = await ask(`/v1/export?tenant=${tenant}`)
    expect(text.length).toBeGreaterThan(1_000)
    expectClean(Buffer.from(text), `the export of ${tenant}`)
    if (tenant !== '_system') expect(text).toContain('[redacted:')
  }
  const { text } = await ask('/v1/export?tenant=default')
  expect(text.match(/\[redacted:/g)?.length).toBeGreaterThan(500)
})

test('nothing of them is in the data folder, nor in what the process wrote, running or stopped', async () => {
  for (const state of ['running', 'stopped']) {
    if (state === 'stopped') await server.stop()
    const files = listFiles(server.folder)
    const contents = files.map((path) => ({ path, bytes: readFileSync(path) }))
    expect(contents.some(({ bytes }) => bytes.includes(control))).toBe(true)
    expect(contents.some(({ bytes }) => bytes.includes('[redacted:password]'))).toBe(true)
    for (const { path, bytes } of contents) expectClean(bytes, path)
    expect(server.output().toString()).toContain(server.url)
    expectClean(server.output(), 'stdout and stderr')
  }
})

function expectClean(bytes: Buffer, where: string): void {
  const secrets: readonly Pick<Canary, 'name' | 'secret'>[] = [
    ...canaries,
    ...[...trails.secrets].map((secret) => ({ name: 'CloudTrail', secret })),
    ...issued.map((secret) => ({ name: 'issued', secret })),
    { name: 'admin password', secret: testAdminPassword },
  ]
  const found = secrets.filter(({ secret }) =>
    [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex')].some((form) =>
      bytes.includes(form),
    ),
  )
  expect(
    found.map(({ name }) => name),
    where,
  ).toEqual([])
}

function expectRefused({ status }: { readonly status: number }): void {
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
}

/** A quoted value of the search grammar. */
const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** Recognised alone, without words around it, and spelt as an id or a tenant may be. */
function isUnmistakable({ secret, text }: Canary): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{8,120}$/.test(secret) && text.startsWith('called with')
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Our own sample always, and a real trail where one lies beside the repository. */
function readTrails() {
  const real = '../shared/data/cloudtrail-2023-07-10.ndjson.gz'
  const text =
    readFileSync('packages/testkit/samples/cloudtrail.ndjson', 'utf8') +
    (existsSync(real) ? gunzipSync(readFileSync(real)).toString() : '')
  const lines = text.split('\n').filter((line) => line !== '')
  const secrets = new Set([
    ...(text.match(/(?<![A-Za-z0-9])A(?:KI|SI)A[A-Z0-9]{16}(?![A-Za-z0-9])/g) ?? []),
    ...Array.from(text.matchAll(/"sessionToken":"([^"]{20,})"/g), ([, token = '']) => token),
  ])
  const records: unknown[] = lines.map((line) => JSON.parse(line))
  return { records, secrets }
}
