import { createTemporaryFolder } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { type AuditEvent, type ClientOptions, createClient, type Dropped } from './index.ts'

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())

/** What the service answers to events. */
function acknowledge(init: RequestInit | undefined): Response {
  const events: AuditEvent[] = JSON.parse(String(init?.body))
  const entries = events.map(({ id }) => ({ id, tenant: 't', index: 0, received: '', hash: '' }))
  return Response.json({ entries }, { status: 201 })
}

/** A service that answers when it is told to. */
function createGate() {
  const bodies: AuditEvent[][] = []
  let { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const answer: typeof fetch = async (_, init) => {
    const signal = init?.signal
    await Promise.race([
      opened,
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new DOMException('ended', 'AbortError')))
      }),
    ])
    bodies.push(JSON.parse(String(init?.body)))
    return acknowledge(init)
  }
  return {
    fetch: answer,
    open: () => open(),
    shut: () => {
      ;({ promise: opened, resolve: open } = Promise.withResolvers<void>())
    },
    ids: () => bodies.flat().map(({ id }) => id),
  }
}

const event = (n: number): AuditEvent => ({ action: 'a', actor: { id: 'u_1' }, id: `e${n}` })
const ids = (count: number) => Array.from({ length: count }, (_, n) => `e${n}`)
const settings = (gate: { fetch: typeof fetch }): ClientOptions => ({
  url: 'http://indelible.test',
  fetch: gate.fetch,
  drainOnSigterm: false,
  batchEventsMax: 2,
})

const places: [string, Partial<ClientOptions>][] = [
  ['in memory, by events', { queueEventsMax: 5 }],
  ['in memory, by bytes', { queueBytesMax: 5 * 100 }],
  ['in a spool', { spool: `${temporary.path}/full.spool`, spoolBytesMax: 5 * 109 }],
]

describe.each(places)('a full queue %s', (_, bound) => {
  test('throws by default, counts, and goes on once there is room', async () => {
    const gate = createGate()
    const client = createClient({ ...settings(gate), ...bound })
    let taken = 0
    const fill = (): void => {
      for (;;) {
        client.record(event(taken))
        taken += 1
      }
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'queue-full' }))
    expect(taken).toBeGreaterThanOrEqual(4)
    expect(client.stats()).toMatchObject({ recorded: taken, refused: 1, pending: taken })
    gate.open()
    await client.flush()
    client.record(event(taken))
    expect(await client.close()).toEqual({ undelivered: 0 })
    expect(gate.ids()).toEqual(ids(taken + 1))
  })

  test('calls back with the event, and counts', async () => {
    const gate = createGate()
    const refused: (string | undefined)[] = []
    const client = createClient({
      ...settings(gate),
      ...bound,
      onFull: ({ id }, { code }) => refused.push(`${id} ${code}`),
    })
    for (let n = 0; n < 20; n += 1) client.record(event(n))
    const { recorded, refused: count } = client.stats()
    expect(recorded + refused.length).toBe(20)
    expect(count).toBe(refused.length)
    expect(refused.at(-1)).toBe('e19 queue-full')
    gate.open()
    await client.close()
    expect(gate.ids()).toEqual(ids(recorded))
  })

  test('blocks those who wait, in order, and loses none', async () => {
    const gate = createGate()
    const options = { ...settings(gate), queueEventsMax: 100, ...bound, onFull: 'block' as const }
    const client = createClient(options)
    let returned = 0
    const recording = (async () => {
      for (let n = 0; n < 50; n += 1) {
        await client.record(event(n))
        returned += 1
      }
    })()
    await expect.poll(() => client.stats().pending).toBeGreaterThanOrEqual(5)
    expect(returned).toBeLessThan(7)
    gate.open()
    await recording
    await client.close()
    expect(gate.ids()).toEqual(ids(50))
  })
})

test('an event larger than the whole queue is refused, not waited for for ever', async () => {
  const gate = createGate()
  const client = createClient({ ...settings(gate), queueBytesMax: 50, onFull: 'block' })
  await expect(client.record(event(1))).rejects.toMatchObject({ code: 'queue-full' })
  await client.close()
})

describe('close', () => {
  test('gives up in time, and says what stayed in the spool', async () => {
    const gate = createGate()
    const spool = `${temporary.path}/close.spool`
    const client = createClient({ ...settings(gate), spool, closeTimeoutMs: 50 })
    for (let n = 0; n < 5; n += 1) client.record(event(n))
    expect(await client.close()).toEqual({ undelivered: 5, spool })
    gate.open()
    await using again = createClient({ ...settings(gate), spool })
    expect(again.stats()).toMatchObject({ recorded: 5, pending: 5 })
    await again.flush()
    expect(gate.ids()).toEqual(ids(5))
  })

  test('gives up in time even if the service asks to wait for an hour', async () => {
    const headers = { 'retry-after': '3600' }
    const busy = { fetch: async () => Response.json({}, { status: 503, headers }) }
    const dropped: Dropped[] = []
    const retries: (number | undefined)[] = []
    const client = createClient({
      ...settings(busy),
      closeTimeoutMs: 100,
      onDropped: (one) => dropped.push(one),
      onError: (_, { retryInMs }) => retries.push(retryInMs),
    })
    client.record(event(1))
    expect(await client.close()).toEqual({ undelivered: 1 })
    // Asked for an hour; more than ten minutes is believed of nobody.
    expect(retries).toEqual([expect.closeTo(600_000, -3)])
    expect(dropped).toMatchObject([{ events: [{ id: 'e1' }] }])
    expect(client.stats().dropped).toBe(1)
  })

  test('without a spool hands over every event that it could not deliver', async () => {
    const dropped: Dropped[] = []
    const client = createClient({
      ...settings(createGate()),
      closeTimeoutMs: 50,
      onDropped: (one) => dropped.push(one),
    })
    for (let n = 0; n < 5; n += 1) client.record(event(n))
    await client.close()
    expect(dropped.flatMap(({ events }) => events.map(({ id }) => id))).toEqual(ids(5))
  })

  test('answers the same when it is called twice', async () => {
    const client = createClient(settings(createGate()))
    expect(client.close()).toBe(client.close())
    expect(await client.close()).toEqual({ undelivered: 0 })
  })
})

test('the same bytes are sent again after a lost answer', async () => {
  const bodies: unknown[] = []
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    bodies.push(init?.body)
    if (bodies.length < 3) throw new TypeError('fetch failed')
    return acknowledge(init)
  }
  await using client = createClient({ ...settings({ fetch }), random: () => 0.1 })
  client.record({ action: 'a', actor: { id: 'u_1' } })
  await client.flush()
  expect(bodies).toHaveLength(3)
  expect(new Set(bodies).size).toBe(1)
  expect(client.stats()).toMatchObject({ delivered: 1, retries: 2 })
})

test('a proxy that doesn’t speak as the service is waited out, not taken for a refusal', async () => {
  let tries = 0
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    tries += 1
    if (tries === 1) return new Response('<h1>Not here</h1>', { status: 404 })
    if (tries === 2) return new Response('<h1>Hello</h1>')
    return acknowledge(init)
  }
  await using client = createClient({ ...settings({ fetch }), random: () => 0.1 })
  client.record(event(1))
  await client.flush()
  expect(client.stats()).toMatchObject({ delivered: 1, rejected: 0 })
})

test('a hook that throws stops nothing', async () => {
  const reported: unknown[][] = []
  const original = console.error
  console.error = (...words: unknown[]) => reported.push(words)
  try {
    const refusing = {
      fetch: async () => Response.json({ code: 'event-invalid' }, { status: 422 }),
    }
    const onRejected = (): void => {
      throw new Error('a bug')
    }
    await using client = createClient({ ...settings(refusing), onRejected })
    client.record(event(1))
    client.record(event(2))
    await client.flush()
    expect(client.stats().rejected).toBe(2)
    expect(reported).toHaveLength(2)
  } finally {
    console.error = original
  }
})

test('ids are UUIDv7s of the time of the call', async () => {
  const gate = createGate()
  gate.open()
  await using client = createClient({ ...settings(gate), clock: () => 0x0123_4567_89ab })
  client.record({ action: 'a', actor: { id: 'u_1' } })
  await client.flush()
  expect(gate.ids()[0]).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a stream that reconnects often leaves nothing behind', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const resumedFrom: (string | null)[] = []
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const after = new Headers(init?.headers).get('last-event-id')
    resumedFrom.push(after)
    const index = Number(after) + 1
    return new Response(`:\n\nid: ${index}\ndata: {"index":${index}}\n\nid: 9`)
  }
  await using client = createClient({ ...settings({ fetch }), random: () => 0 })
  for await (const { index } of client.stream({}, { after: 0 })) if (index === 12) break
  expect(resumedFrom).toEqual(Array.from({ length: 12 }, (_, n) => String(n)))
  expect(warnings).toEqual([])
  process.off('warning', onWarning)
})
