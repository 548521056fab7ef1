import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestServer } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'

/** Texts, names and addresses that mean something to a program behind the one they are sent to. */
const server = await startTestServer()
const { ask, post } = server
afterAll(() => server[Symbol.asyncDispose]())

const event = { action: 'a.b', actor: { id: 'u_1' } }
const countFound = async (search: string) =>
  (await ask(`/v1/events?${search}&limit=1000`)).json.entries.length

test('ids alike but for their Unicode form are two, and each is found by its own (J-08)', async () => {
  // NFC and NFD, a ligature and its letters, signs that fold to letters: Ångström's, Kelvin's.
  const forms = ['Zo\u00eb', 'Zoe\u0308', '\ufb00', 'ff', '\u00c5', '\u212b', 'K', '\u212a']
  const events = forms.map((id) => ({ ...event, tenant: 'forms', actor: { id } }))
  expect((await post('/v1/events', events)).status).toBe(201)
  for (const id of forms) {
    const { json } = await ask(`/v1/events?tenant=forms&actor.id=${encodeURIComponent(id)}`)
    const ids = json.entries.map((entry: { event: typeof event }) => entry.event.actor.id)
    expect(ids, id).toEqual([id])
  }
})

test('the same event in another order, with white space, in escapes, is a repeat; another value is none (J-14)', async () => {
  const send = (body: string) =>
    ask('/v1/events', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  const first = await send(
    '{"id":"o","action":"a","actor":{"id":"u"},"data":{"x":[1,{"y":"é","z":0}]}}',
  )
  const same = [
    '{"data":{"x":[1,{"z":0,"y":"é"}]},"actor":{"id":"u"},"action":"a","id":"o"}',
    '\t{ "id" : "o",\r\n"action":"\\u0061", "actor":{"id":"u"}, "data":{"x":[1.0,{"y":"\\u00e9","z":-0}]} }\n',
  ]
  for (const text of same) {
    const { status, json } = await send(text)
    expect([status, json]).toEqual([200, { ...first.json, duplicate: true }])
  }
  const others = [
    '[{"y":"é","z":0},1]',
    '["1",{"y":"é","z":0}]',
    '[1,{"y":"é","z":null}]',
    '[1,{"y":"é"}]',
  ]
  for (const x of others) {
    const answer = await send(`{"id":"o","action":"a","actor":{"id":"u"},"data":{"x":${x}}}`)
    expect(answer.json.code, x).toBe('idempotency-conflict')
  }
})

const phrases = [
  ...['$&', "$`$'$1", '%s%d%n%x', '%(x)s', '{{7*7}}', '\u0024{7*7}', '#{7*7}', '<%= 7*7 %>', '{0}'],
  ...[
    "' OR 1=1 --",
    '"; DROP TABLE entry; --',
    'a & b | !c',
    "'a':*",
    'a <-> b',
    'NEAR(a b)',
    'a* OR b',
  ],
  ...[
    'col:val',
    '^first',
    '\\',
    '\\x27',
    '%',
    '_',
    '(((',
    '$.x',
    "->>'x'",
    '::text',
    '\u0027||pg_sleep(9)||\u0027',
  ],
]

test('what is code elsewhere is kept and found as the text it is, and redaction beside it takes its secret alone (I-01, I-04, I-12)', async () => {
  const events = phrases.map((note, n) => ({
    ...event,
    ...{ tenant: 'code', id: `p${n}`, action: note, source: note },
    data: { note, both: `${note} password=hunter2` },
  }))
  expect((await post('/v1/events', events)).status).toBe(201)
  for (const [n, note] of phrases.entries()) {
    const { json } = await ask(`/v1/events/p${n}?tenant=code`)
    const { action, source, data } = json.event
    expect([action, source, data.note]).toEqual([note, note, note])
    expect(data.both).toBe(`${note} password=[redacted:password]`)
    const exact = encodeURIComponent(note)
    expect(await countFound(`tenant=code&data.note=${exact}`), note).toBe(1)
    // As a query somebody types: an answer or a fault with its column, and never more than is there.
    const typed = await ask(`/v1/events?tenant=code&q=${exact}`)
    expect([200, 400], note).toContain(typed.status)
    if (typed.status === 200) expect(typed.json.entries.length).toBeLessThanOrEqual(phrases.length)
    const named = encodeURIComponent(`data.note:${JSON.stringify(note)}`)
    expect(await countFound(`tenant=code&q=${named}`), note).toBe(1)
  }
  expect(await countFound('tenant=code')).toBe(phrases.length)
})

test('what a caller writes makes no series of metrics (D-14)', async () => {
  const noise = async (n: number) => {
    await post('/v1/events', { ...event, tenant: 'series', action: `a.${n}`, source: `s${n}` })
    await ask(`/nothing/${n}`)
    await ask(`/v1/events/none-${n}?tenant=series`)
    await ask(`/v1/events?tenant=series&data.k${n}=1`)
    await ask('/v1/events', { method: ['PUT', 'DELETE', 'PROPFIND', 'PURGE'][n % 4] ?? '' })
    await ask('/v1/events', { headers: { authorization: `Bearer x${n}`, 'user-agent': `a${n}` } })
  }
  const series = async () =>
    (await ask('/metrics')).text
      .split('\n')
      // Those of the process itself come and go with what it does.
      .filter((line) => /^indelible_(?!nodejs|process)/.test(line))
      .map((line) => line.slice(0, line.lastIndexOf(' ')))
  for (const n of [0, 1, 2, 3]) await noise(n)
  await series()
  const before = await series()
  expect(before.length).toBeGreaterThan(50)
  for (let n = 4; n < 24; n++) await noise(n)
  expect(await series()).toEqual(before)
})

test('no address that a caller writes is asked, wherever it stands (F-01, F-02, F-06)', async () => {
  let asked = 0
  const trap = createServer((_, response) => {
    asked++
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(trap, 'listening')
  const { port } = trap.address() as AddressInfo // of a TCP server that listens
  const inside = [`http://127.0.0.1:${port}/x`, `http://[::ffff:127.0.0.1]:${port}/`]
  const others = [
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:1/_x',
  ]
  for (const url of [...inside, ...others]) {
    const data = { url, href: url, src: url, callback: url, webhook: url, avatar: url }
    const actor = { id: url, name: url, image: url }
    const context = { ip: url, agent: url, referer: url }
    const sent = await post('/v1/events', {
      ...event,
      source: url.slice(0, 200),
      actor,
      context,
      data,
    })
    expect(sent.status).toBe(201)
    const schema = { method: 'PUT', headers: { 'content-type': 'application/json' } }
    const path = '/v1/tenants/default/schemas/url.seen'
    const refused = await ask(path, { ...schema, body: JSON.stringify({ $ref: url }) })
    expect(refused.status).toBe(422)
    const named = { $schema: url, $id: url, properties: { data: { $comment: url } } }
    expect((await ask(path, { ...schema, body: JSON.stringify(named) })).status).toBeLessThan(500)
    const headers = {
      ...{
        'webhook-request-origin': url,
        'webhook-request-callback': url,
        origin: url,
        referer: url,
      },
      ...{
        'x-forwarded-host': url,
        forwarded: `host="${url}"`,
        link: `<${url}>`,
        traceparent: url,
      },
    }
    await ask('/cloudevents', { method: 'OPTIONS', headers })
    const cloudEvent = { specversion: '1.0', id: url, source: url, type: 'a.b', dataschema: url }
    await post('/cloudevents', cloudEvent, {
      ...headers,
      'content-type': 'application/cloudevents+json',
    })
    await ask(`/v1/events?data.url=${encodeURIComponent(url)}`, { headers })
  }
  // Whatever would have asked has had as long as everything else.
  expect(await countFound('action=a.b&data.url=*')).toBeGreaterThanOrEqual(5)
  trap.close()
  expect(asked).toBe(0)
})

const markup = '<script>alert(1)</script>'

test('no answer of the API is a page, whatever it holds and whoever asks (X-08)', async () => {
  await post('/v1/events', { ...event, tenant: 'page', id: 'page', data: { markup } })
  const html = { headers: { accept: 'text/html,application/xhtml+xml' } }
  const seen: string[] = []
  for (const path of [
    ...[
      '/v1/events?tenant=page',
      '/v1/events/page?tenant=page',
      '/v1/events/page/receipt?tenant=page',
    ],
    ...['/v1/export?tenant=page', '/v1/export?tenant=page&format=csv'],
    ...[`/v1/events?q=${encodeURIComponent(`(${markup}`)}`, `/${encodeURIComponent(markup)}`],
    ...[`/v1/events/${encodeURIComponent(markup)}`, `/v1/events?${encodeURIComponent(markup)}=1`],
    '/v1/values?tenant=page&field=data.markup',
  ]) {
    const { headers, text } = await ask(path, html)
    if (text.includes(markup)) seen.push(path)
    expect(headers.get('content-type'), path).toMatch(
      /^(application\/(problem\+)?json|application\/x-ndjson|text\/csv)\b/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  }
  expect(seen.length).toBeGreaterThanOrEqual(6)
})

test('the name of a download is ours alone (I-10)', async () => {
  const hostile = encodeURIComponent('"; filename="evil.exe"\r\nSet-Cookie: a=b')
  for (const [format, ending] of [
    ['csv', 'csv'],
    ['ndjson', 'ndjson'],
  ]) {
    const path = `/v1/export?format=${format}&data.x=${hostile}&q=${encodeURIComponent('"a/../b"')}`
    const { status, headers } = await ask(path)
    expect(status).toBe(200)
    expect(headers.get('set-cookie')).toBeNull()
    const name = new RegExp(`^attachment; filename="indelible-[0-9TZ.-]+\\.${ending}"$`)
    expect(headers.get('content-disposition')).toMatch(name)
  }
})

test('what anybody is told by health and metrics names no tenant, event, user or key (C-09)', async () => {
  const secret = 'unlisted-tenant-7'
  const { json } = await post('/v1/keys', {
    name: 'unlisted-key',
    scopes: ['append'],
    tenants: [secret],
  })
  await post('/v1/events', {
    ...event,
    tenant: secret,
    id: 'unlisted-event',
    action: 'unlisted.action',
  })
  const anybody = { headers: { authorization: '' } }
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const { status, text } = await ask(path, anybody)
    expect(status, path).toBe(200)
    expect(text, path).not.toMatch(/unlisted|postgres:\/\/|\/data\b|admin/)
    expect(text).not.toContain(json.id)
  }
})

test('nothing answers at addresses where services forget things (C-08)', async () => {
  for (const path of [
    ...['/.git/HEAD', '/.env', '/.well-known/../.env', '/package.json', '/package-lock.json'],
    ...['/debug', '/debug/pprof', '/v1/debug', '/actuator/health', '/server-status', '/admin'],
    ...['/console/assets/main.js.map', '/console/../package.json', '/console/%2e%2e/package.json'],
    ...[
      '/docs/%2e%2e/%2e%2e/package.json',
      '/embed/..%2f..%2fpackage.json',
      '/docs/guide/%2e%2e%2f%2e%2e%2fREADME.md',
    ],
    ...['/log.db', '/indelible-data/seed', '/seed', '/metrics/../seed', '/v1', '/v1/', '/v1/admin'],
  ]) {
    const { status, text } = await ask(path)
    if (status === 200) {
      // A page of the console answers for each of its paths; it is the same page for all.
      expect(path).toMatch(/^\/(console|embed|docs)\b/)
      expect(text).not.toMatch(/"dependencies"|"lockfileVersion"|\[core\]/)
    } else expect([404, 503], path).toContain(status)
  }
})
