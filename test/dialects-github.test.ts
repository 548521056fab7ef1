import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { importFiles } from './dialects/import-files.ts'

/** GitHub's audit log as it streams it: sent on, and imported from its files. */
const server = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const root = new URL('../', import.meta.url)
const lines = readFileSync(new URL('packages/testkit/samples/github-audit.ndjson', root), 'utf8')
const sent: readonly Record<string, unknown>[] = lines
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const [event = {}] = sent

const post = (body: string | Uint8Array, tenant: string, headers = {}) =>
  fetch(`${server.url}/github/audit?tenant=${tenant}`, {
    ...{ method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body) },
    headers: { authorization: `Bearer ${testRootKey}`, ...headers },
  }).then(async (answer) => ({ status: answer.status, json: JSON.parse(await answer.text()) }))

const listEvents = async (tenant: string) =>
  (await server.ask(`/v1/events?tenant=${tenant}&order=asc&limit=1000`)).json.entries.map(
    ({ event }: { event: object }) => event,
  )

test('an event says who did what on what, by which token, how it ended, and keeps the original', async () => {
  expect((await post(lines, 'github')).status).toBe(201)
  const events = await listEvents('github')
  expect(events[0]).toMatchObject({
    ...{ id: event._document_id, time: '2026-03-02T08:00:00.000Z', action: 'repo.destroy' },
    ...{ source: 'github', outcome: 'success', data: event },
    actor: { type: 'user', id: 'zoe', number: '501' },
    targets: [
      { type: 'repository', id: 'acme/ledger' },
      { type: 'organization', id: 'acme' },
      { type: 'enterprise', id: 'acme-inc' },
    ],
    context: { ip: '198.51.100.7', country: 'CH', dialect: 'github', backfilled: true },
  })
  expect(events[1].targets[0]).toEqual({ type: 'user', id: 'tomas' })
  expect(events[3].actor).toMatchObject({
    ...{ type: 'bot', id: 'deploy[bot]' },
    via: { type: 'token', id: '77', name: 'GitHub App server-to-server token' },
  })
  expect(events.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    ...['success', 'success', 'success', 'success', 'denied', 'denied', 'failure'],
  ])
})

test('lines, an array, gzip and the files of its layout are the same events', async () => {
  await post(lines, 'forms')
  const array = JSON.stringify(sent)
  expect((await post(array, 'forms')).status).toBe(200)
  expect((await post(gzipSync(array), 'forms', { 'content-encoding': 'gzip' })).status).toBe(200)
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/2026/03/02/08/00`
  mkdirSync(folder, { recursive: true })
  const files = [lines, array].map((text, n) => {
    const path = `${folder}/6b1f0c1e-0000-4000-8000-00000000000${n}.json.gz`
    writeFileSync(path, gzipSync(text))
    return path
  })
  for (const said of await importFiles(files, {
    from: 'github',
    url: server.url,
    tenant: 'forms',
  })) {
    expect(said).toMatchObject({ added: 0, present: sent.length, refused: 0 })
  }
  expect(await listEvents('forms')).toHaveLength(sent.length)
})

test('is refused whole, with the fault where it is', async () => {
  const { action: _, ...actionless } = event
  const late = { ...event, _document_id: 'x', '@timestamp': Date.parse('2126-01-01') }
  for (const [body, pointer] of [
    [[event, actionless], '/1'],
    [[event, late], '/1/@timestamp'],
    [[event, 7], '/1'],
  ] as const) {
    for (const text of [JSON.stringify(body), body.map((one) => JSON.stringify(one)).join('\n')]) {
      const { status, json } = await post(text, 'refused')
      expect([status, json.errors[0].pointer]).toEqual([422, pointer])
    }
  }
  const broken = await post(`${JSON.stringify(event)}\n{`, 'refused')
  expect([broken.status, broken.json.code]).toEqual([400, 'json-malformed'])
  expect(broken.json.detail).toContain('Line 2')
  expect((await post('', 'refused')).status).toBe(400)
  expect((await server.ask('/v1/logs/refused')).json.size ?? 0).toBe(0)
})
