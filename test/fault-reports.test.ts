import {
  createFilledFolder,
  type Receiver,
  spawnServer,
  startReceiver,
  tamper,
} from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let filled: Awaited<ReturnType<typeof createFilledFolder>>
beforeAll(async () => {
  filled = await createFilledFolder()
})
afterAll(() => filled[Symbol.dispose]())

const canary = 'canary-91bd'

/** The faults of a kind that were posted to a Sentry: its envelopes are lines of JSON. */
const readReports = ({ taken }: Receiver, kind: string) =>
  taken
    .flatMap(({ body }) => body.trim().split('\n'))
    .map((line) => JSON.parse(line))
    .filter(({ exception, tags }) => exception !== undefined && tags.kind === kind)

const startWatched = (folder: string, { url }: Receiver) =>
  spawnServer({
    folder,
    environment: { SENTRY_DSN: url.replace('http://', 'http://key@').concat('/42') },
  })

test('a fault of ours is reported by its place in our code, with nothing of what it befell', async () => {
  using folder = filled.copy()
  await using sentry = await startReceiver()
  await using server = await startWatched(folder.path, sentry)
  const headers = { 'user-agent': canary, cookie: `c=${canary}`, 'x-request-id': canary }
  await server.post('/v1/events', { action: canary, actor: { id: canary }, id: canary }, headers)
  tamper(folder.path, `ALTER TABLE entry RENAME TO "${canary}"`)
  const answer = await server.ask(`/v1/events/${canary}?tenant=default`, { headers })
  expect(answer.json.code).toBe('internal')
  await expect.poll(() => readReports(sentry, 'request')).toHaveLength(1)
  const [report] = readReports(sentry, 'request')
  expect(report).toMatchObject({
    release: expect.stringMatching(/^indelible@\d/),
    tags: { kind: 'request', code: 'internal', route: '/v1/events/:id' },
  })
  // The id that its caller was told leads from the report to the diagnostics.
  expect(answer.json.detail).toContain(report.tags.request)
  const [{ stacktrace }] = report.exception.values
  expect(stacktrace.frames.length).toBeGreaterThan(0)
  expect(sentry.taken[0]?.path).toBe('/api/42/envelope/')
  // The same again is no news.
  await server.ask(`/v1/events/${canary}?tenant=default`, { headers })
  await server.stop()
  expect(readReports(sentry, 'request')).toHaveLength(1)
  expect(JSON.stringify(sentry.taken.map(({ body, headers: sent }) => [body, sent]))).not.toContain(
    canary,
  )
})

test('an audit that found something is reported, and what callers do wrong is not', async () => {
  using folder = filled.copy()
  await using sentry = await startReceiver()
  await using server = await startWatched(folder.path, sentry)
  expect((await server.post('/v1/events', { action: 1 })).status).toBe(422)
  expect((await server.ask('/v1/nothing')).status).toBe(404)
  tamper(folder.path, `UPDATE entry SET data = '{"n":"${canary}"}' WHERE idx = 7`)
  await server.ask('/v1/audits', { method: 'POST' })
  await expect.poll(() => readReports(sentry, 'audit')).toHaveLength(1)
  expect(readReports(sentry, 'audit')[0].tags).toMatchObject({ kind: 'audit', findings: 2 })
  await server.stop()
  expect(readReports(sentry, 'request')).toEqual([])
  expect(sentry.taken.map(({ body }) => body).join('')).not.toContain(canary)
})
