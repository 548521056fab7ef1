import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom, createTemporaryFolder } from '@indelible/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type AuditEvent,
  type Client,
  type ClientError,
  type ClientOptions,
  createClient,
} from './index.ts'

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Answer {
  readonly status: number
  readonly code?: string
}

/** A service that keeps a log, and answers to a batch what the worst of its events deserves. */
function createService(deserves: (event: AuditEvent) => Answer | undefined) {
  const requests: string[][] = []
  const log = new Map<string, AuditEvent>()
  const service = { deserves, requests, ids: () => [...log.keys()] }
  const fetch: NonNullable<ClientOptions['fetch']> = async (_, init) => {
    const events: AuditEvent[] = JSON.parse(String(init?.body))
    requests.push(events.map(({ id = '' }) => id))
    const [worst] = events.flatMap((event) => service.deserves(event) ?? [])
    if (worst !== undefined) {
      const { status, code } = worst
      return code === undefined
        ? new Response('<h1>No</h1>', { status })
        : Response.json({ code, detail: code }, { status })
    }
    for (const event of events) log.set(event.id ?? '', event)
    const entries = events.map(({ id }) => ({ id, index: 0, hash: '' }))
    return Response.json({ entries }, { status: 201 })
  }
  return Object.assign(service, { fetch })
}

const bug: Answer = { status: 500, code: 'internal' }
const isPoison = ({ data }: AuditEvent) => data?.poison === true
const minutes = 60_000
let rejected: [string, string][] = []
let errors: ClientError[] = []
beforeEach(() => {
  rejected = []
  errors = []
})

const connect = (fetch: ClientOptions['fetch'], options: Partial<ClientOptions> = {}): Client =>
  createClient({
    url: 'http://indelible.test',
    drainOnSigterm: false,
    random: createRandom(7),
    ...(fetch === undefined ? {} : { fetch }),
    onRejected: ({ event, error }) =>
      rejected.push([typeof event === 'string' ? event : (event.id ?? ''), error.code]),
    onError: (error) => errors.push(error),
    ...options,
  })
const event = (id: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  action: 'a',
  actor: { id: 'u_1' },
  id,
  ...more,
})
const poison = (id: string) => event(id, { data: { poison: true } })
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `e${from + n}`)
const recordAll = (client: Client, names: readonly string[]): void => {
  for (const id of names) client.record(event(id))
}

describe.each(['in memory', 'in a spool'])(
  'an event at which the service stumbles, %s',
  (where) => {
    const place = (name: string): Partial<ClientOptions> =>
      where === 'in memory' ? {} : { spool: join(temporary.path, `${name}.spool`) }

    test('holds up nobody, and is given up after five tries in ten minutes while others go through', async () => {
      const service = createService((one) => (isPoison(one) ? bug : undefined))
      const client = connect(service.fetch, place('poison'))
      recordAll(client, ids(50))
      client.record(poison('bad'))
      recordAll(client, ids(50, 50))
      await vi.advanceTimersByTimeAsync(5_000)
      expect(new Set(service.ids())).toEqual(new Set(ids(100)))
      expect(client.stats()).toMatchObject({ delivered: 100, pending: 1, rejected: 0 })
      let flushed = false
      void client.flush().then(() => {
        flushed = true
      })
      for (let n = 0; n < 9; n += 1) {
        recordAll(client, [`later${n}`])
        await vi.advanceTimersByTimeAsync(1 * minutes)
      }
      expect({ flushed, rejected }).toEqual({ flushed: false, rejected: [] })
      expect(service.ids()).toHaveLength(109)
      for (let n = 9; n < 14; n += 1) {
        recordAll(client, [`later${n}`])
        await vi.advanceTimersByTimeAsync(1 * minutes)
      }
      expect({ flushed, rejected }).toEqual({ flushed: true, rejected: [['bad', 'internal']] })
      expect(service.ids()).toHaveLength(114)
      expect(await client.close()).toEqual({ undelivered: 0 })
    })

    test('is delivered where the service is mended before', async () => {
      const service = createService((one) => (isPoison(one) ? bug : undefined))
      const client = connect(service.fetch, place('mended'))
      recordAll(client, ids(3))
      client.record(poison('bad'))
      recordAll(client, ids(3, 3))
      await vi.advanceTimersByTimeAsync(1 * minutes)
      service.deserves = () => undefined
      await vi.advanceTimersByTimeAsync(3 * minutes)
      expect(service.ids().at(-1)).toBe('bad')
      expect(await client.close()).toEqual({ undelivered: 0 })
      expect(rejected).toEqual([])
    })

    test('is never given up while the service stumbles at everything', async () => {
      const service = createService(() => bug)
      const client = connect(service.fetch, place('outage'))
      recordAll(client, ids(100))
      await vi.advanceTimersByTimeAsync(24 * 60 * minutes)
      expect(rejected).toEqual([])
      expect(client.stats().pending).toBe(100)
      // A pause is a quarter of a minute on average.
      expect(service.requests.length).toBeLessThan(24 * 60 * 5)
      service.deserves = () => undefined
      await vi.advanceTimersByTimeAsync(1 * minutes)
      expect(new Set(service.ids())).toEqual(new Set(ids(100)))
      expect(await client.close()).toEqual({ undelivered: 0 })
    })

    test('holds up nobody where it came alone', async () => {
      const service = createService((one) => (isPoison(one) ? bug : undefined))
      const client = connect(service.fetch, place('alone'))
      client.record(poison('bad'))
      await vi.advanceTimersByTimeAsync(60 * minutes)
      expect(rejected).toEqual([])
      recordAll(client, ['later'])
      await vi.advanceTimersByTimeAsync(1 * minutes)
      expect(service.ids()).toEqual(['later'])
      expect(client.stats().pending).toBe(1)
      service.deserves = () => undefined
      await vi.advanceTimersByTimeAsync(3 * minutes)
      expect(await client.close()).toEqual({ undelivered: 0 })
    })

    test('may be one of hundreds: the others go through, and nothing is lost', async () => {
      const service = createService((one) => (isPoison(one) ? bug : undefined))
      const client = connect(service.fetch, place('many'))
      for (let n = 0; n < 1_000; n += 1) client.record((n % 3 === 0 ? poison : event)(`e${n}`))
      for (let n = 0; n < 60; n += 1) {
        recordAll(client, [`later${n}`])
        await vi.advanceTimersByTimeAsync(1 * minutes)
      }
      expect(service.ids().filter((id) => Number(id.slice(1)) % 3 === 0)).toEqual([])
      service.deserves = () => undefined
      await vi.advanceTimersByTimeAsync(10 * minutes)
      const settled = [...service.ids(), ...rejected.map(([id]) => id)]
      expect(settled).toHaveLength(1_060)
      expect(new Set(settled).size).toBe(1_060)
      expect(client.stats().delivered + rejected.length).toBe(1_060)
      expect(await client.close()).toEqual({ undelivered: 0 })
    })
  },
)

describe('a refusal', () => {
  const forbidden: Answer = { status: 403, code: 'scope-insufficient' }

  test('of a key without the scope costs a handful of requests, not two for each event', async () => {
    const service = createService(() => forbidden)
    const client = connect(service.fetch)
    recordAll(client, ids(500))
    await client.flush()
    expect(rejected).toEqual(ids(500).map((id) => [id, 'scope-insufficient']))
    expect(service.requests.length).toBeLessThanOrEqual(4)
    await client.close()
  })

  test('of one tenant’s events costs the others nothing', async () => {
    const service = createService(({ tenant }) => (tenant === 'b' ? forbidden : undefined))
    const client = connect(service.fetch)
    for (const [n, id] of ids(500).entries()) {
      client.record(event(id, { tenant: n % 5 === 0 ? 'a' : 'b' }))
    }
    await client.flush()
    expect(service.ids()).toEqual(ids(500).filter((_, n) => n % 5 === 0))
    expect(rejected).toHaveLength(400)
    expect(service.requests.length).toBeLessThanOrEqual(6)
    await client.close()
  })

  test('by a gateway that dislikes one event’s content meets that one alone', async () => {
    const service = createService((one) => (isPoison(one) ? { status: 403 } : undefined))
    const client = connect(service.fetch)
    recordAll(client, ids(200))
    client.record(poison('bad'))
    client.record(poison('worse'))
    recordAll(client, ids(298, 200))
    await client.flush()
    expect(rejected.map(([id]) => id).sort()).toEqual(['bad', 'worse'])
    expect(new Set(service.ids())).toEqual(new Set(ids(498)))
    await client.close()
  })
})

test('what can not be kept aside is told, holds up nobody, and is kept once that can be', async () => {
  const invalid: Answer = { status: 422, code: 'event-invalid' }
  const service = createService((one) => (isPoison(one) ? invalid : undefined))
  const spool = join(temporary.path, 'aside.spool')
  mkdirSync(`${spool}.rejected`)
  const client = connect(service.fetch, { spool })
  recordAll(client, ids(10))
  client.record(poison('bad'))
  recordAll(client, ids(10, 10))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(service.ids()).toEqual(ids(20))
  expect(client.stats()).toMatchObject({ delivered: 20, rejected: 0, pending: 1 })
  expect(errors.at(-1)).toMatchObject({ code: 'spool-failed' })
  const told = errors.length
  await vi.advanceTimersByTimeAsync(5 * minutes)
  expect(errors.length).toBeGreaterThanOrEqual(told + 5)
  rmdirSync(`${spool}.rejected`)
  await vi.advanceTimersByTimeAsync(1 * minutes)
  expect(rejected).toEqual([['bad', 'event-invalid']])
  const [line = '', ...others] = readFileSync(`${spool}.rejected`, 'utf8').trim().split('\n')
  expect(JSON.parse(line)).toMatchObject({ event: { id: 'bad' } })
  expect(others).toEqual([])
  expect(await client.close()).toEqual({ undelivered: 0 })
})
