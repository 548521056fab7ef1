import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { type Client, type ClientOptions, createClient, type Rejected } from './index.ts'

const server = await startTestServer()
const temporary = createTemporaryFolder()
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  temporary[Symbol.dispose]()
})

const actor = { id: 'u_1' }
const connect = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: server.url, key: testRootKey, drainOnSigterm: false, ...options })
const idsOf = async (tenant: string): Promise<string[]> => {
  const { json } = await server.ask(`/v1/events?tenant=${tenant}&order=asc&limit=1000`)
  return json.entries.map((entry: { event: { id: string } }) => entry.event.id)
}

describe('append', () => {
  test('answers with the head of an entry that is found', async () => {
    await using client = connect({ source: 'billing' })
    const head = await client.append({ action: 'invoice.paid', actor, tenant: 'append' })
    const entry = await client.get(head.id, { tenant: 'append' })
    expect(entry).toMatchObject({ index: 0, hash: head.hash, event: { source: 'billing', actor } })
    expect(client.stats()).toMatchObject({ appended: 1, recorded: 0 })
  })

  test('takes a repeated id as the same event', async () => {
    await using client = connect({ tenant: 'repeats' })
    const event = { action: 'invoice.paid', actor, id: 'inv-1-paid' }
    const head = await client.append(event)
    expect(await client.append(event)).toEqual({ ...head, duplicate: true })
  })

  test('is refused with the code, the pointers and the id of the event', async () => {
    await using client = connect()
    const refused = client.append({ action: '', actor, id: 'bad' })
    await expect(refused).rejects.toMatchObject({
      name: 'ClientError',
      code: 'event-invalid',
      status: 422,
      eventId: 'bad',
      errors: [{ pointer: '/action' }],
    })
  })

  test('takes several in one request, and answers their heads in order', async () => {
    await using client = connect({ tenant: 'several' })
    const events = ['a', 'b', 'c'].map((action) => ({ action, actor, id: action }))
    const heads = await client.appendAll(events)
    expect(heads.map(({ id, index }) => [id, index])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
    expect(await client.appendAll([])).toEqual([])
    expect(client.stats().appended).toBe(3)
  })

  test('takes none of several where one is refused, and says which', async () => {
    await using client = connect({ tenant: 'several-refused' })
    const events = [{ action: 'a', actor }, { action: 'b' }, { action: '', actor }]
    const errors = [{ pointer: '/1/actor' }, { pointer: '/2/action' }]
    await expect(client.appendAll(events)).rejects.toMatchObject({ code: 'event-invalid', errors })
    expect(client.stats().appended).toBe(0)
    expect(await client.search()).toEqual({ entries: [], next: null })
  })

  test('gives up in time where nothing answers', async () => {
    await using client = connect({ url: 'http://127.0.0.1:1', appendTimeoutMs: 300 })
    const refused = client.append({ action: 'a', actor })
    await expect(refused).rejects.toMatchObject({ code: 'unreachable' })
  })

  test('is not done by an answer without its head, whoever gave it', async () => {
    const answers = ['{}', 'null', '[]', '{"entries":[{}]}', '<html>']
    const proxy: typeof fetch = async (input, init) => {
      const text = answers.shift()
      return text === undefined ? fetch(input, init) : new Response(text, { status: 201 })
    }
    await using client = connect({ tenant: 'proxied', fetch: proxy, random: () => 0 })
    expect(await client.append({ action: 'a', actor, id: 'p-0' })).toMatchObject({ id: 'p-0' })
    answers.push('{}', 'null', '[]', '{"entries":[{}]}', '<html>')
    expect(await client.appendAll([{ action: 'a', actor, id: 'p-1' }])).toMatchObject([
      { id: 'p-1' },
    ])
  })

  test('is refused after close', async () => {
    const client = connect()
    await client.close()
    const refused = client.append({ action: 'a', actor })
    await expect(refused).rejects.toMatchObject({ code: 'client-closed' })
    expect(() => client.record({ action: 'a', actor })).toThrow('closed')
  })
})

test('what is prepared is what record would send, and is kept once however often it is sent', async () => {
  await using client = connect({ tenant: 'prepared', source: 'billing' })
  const context = { ip: '::1' }
  const prepared = client.run({ actor, context }, () => client.prepare({ action: 'a' }))
  expect(prepared).toMatchObject({ actor, context, tenant: 'prepared', source: 'billing' })
  client.record(prepared)
  await client.flush()
  const head = await client.append(prepared)
  expect(head).toMatchObject({ id: prepared.id, index: 0, duplicate: true })
  const { event } = await client.get(prepared.id)
  expect(event).toMatchObject({ time: prepared.time })
})

test('a change is recorded with the state before and after, and the difference', async () => {
  await using client = connect({ tenant: 'changes' })
  const before = { name: 'Ann', password: 'old', tags: ['a'] }
  const after = { name: 'Anne', password: 'new', tags: ['a', 'b'] }
  client.change({ action: 'user.updated', actor, id: 'c1', before, after, data: { via: 'api' } })
  await client.flush()
  const { event } = await client.get('c1')
  const masked = '[redacted:password]'
  expect(event.changes).toEqual({
    before: { ...before, password: masked },
    after: { ...after, password: masked },
  })
  expect(event.data).toEqual({
    via: 'api',
    patch: [
      { op: 'replace', path: '/name', value: 'Anne' },
      { op: 'replace', path: '/password', value: masked },
      { op: 'add', path: '/tags/1', value: 'b' },
    ],
  })
})

describe('record', () => {
  for (const spool of [undefined, `${temporary.path}/record.spool`]) {
    const where = spool === undefined ? 'in memory' : 'in a spool'
    const tenant = spool === undefined ? 'memory' : 'spooled'

    test(`delivers every event once and in order, ${where}`, async () => {
      const client = connect({ tenant, ...(spool === undefined ? {} : { spool }) })
      const ids = Array.from({ length: 1_000 }, (_, n) => `e${n}`)
      for (const id of ids) client.record({ action: 'a.b', actor, id })
      expect(client.stats()).toMatchObject({ recorded: 1_000, delivered: 0, pending: 1_000 })
      await client.flush()
      expect(client.stats()).toMatchObject({ delivered: 1_000, pending: 0, pendingBytes: 0 })
      expect(await client.close()).toEqual({ undelivered: 0 })
      expect(await idsOf(tenant)).toEqual(ids)
    })

    test(`keeps aside what is refused and delivers the rest, ${where}`, async () => {
      const rejected: Rejected[] = []
      await using client = connect({
        tenant: `${tenant}-refused`,
        onRejected: (one) => rejected.push(one),
        ...(spool === undefined ? {} : { spool }),
      })
      await client.append({ action: 'a', actor, id: 'taken' })
      for (let n = 0; n < 20; n += 1) client.record({ action: 'a', actor, id: `e${n}` })
      client.record({ action: 'a', actor, id: 'taken', data: { other: true } })
      client.record({ action: '', actor, id: 'empty' })
      client.record({ action: 'a', actor, id: 'lone', data: { text: '\ud800' } })
      client.record({ action: 'a', id: 'nobody' })
      client.record({ action: 'a', actor, id: 'elsewhere', tenant: '_system' })
      for (let n = 20; n < 40; n += 1) client.record({ action: 'a', actor, id: `e${n}` })
      await client.flush()
      const codes = Object.fromEntries(
        rejected.map(({ event, error }) => [typeof event === 'string' ? '' : event.id, error.code]),
      )
      expect(codes).toMatchObject({
        nobody: 'event-invalid',
        taken: 'idempotency-conflict',
        empty: 'event-invalid',
        lone: 'json-malformed',
      })
      expect(Object.keys(codes)).toContain('elsewhere')
      expect(client.stats()).toMatchObject({ delivered: 40, rejected: 5, pending: 0 })
      expect(await idsOf(`${tenant}-refused`)).toHaveLength(41)
    })
  }

  test('stamps the time of the call, not of the delivery', async () => {
    const noon = Date.UTC(2026, 0, 1, 12)
    await using client = connect({ tenant: 'stamped', clock: () => noon })
    client.record({ action: 'a', actor, id: 'one' })
    await client.flush()
    const { event } = await client.get('one')
    expect(event.time).toBe('2026-01-01T12:00:00.000Z')
  })

  test('a key that is not valid sets all aside, and is not tried for ever', async () => {
    const rejected: Rejected[] = []
    await using client = connect({ key: 'ind_no', onRejected: (one) => rejected.push(one) })
    for (let n = 0; n < 100; n += 1) client.record({ action: 'a', actor })
    await client.flush()
    expect(client.stats()).toMatchObject({ delivered: 0, rejected: 100, retries: 0 })
    expect(rejected[0]?.error.code).toBe('credentials-invalid')
  })

  test('refuses at once what can not be JSON', async () => {
    await using client = connect()
    expect(() => client.record({ action: 'a', actor, data: { n: 1n } })).toThrow('BigInt')
  })
})

describe('reading', () => {
  test('finds by the grammar, by fields, and page by page', async () => {
    await using client = connect({ tenant: 'reading' })
    for (const plan of ['free', 'pro', 'pro']) {
      await client.append({ action: 'account.made', actor, data: { plan } })
    }
    const first = await client.search({ 'data.plan': 'pro', limit: 1 })
    expect(first.entries).toHaveLength(1)
    const cursor = first.next ?? ''
    const query = { tenant: 'reading', 'data.plan': 'pro', limit: 1 }
    const second = await client.search({ ...query, cursor })
    expect(second.entries[0]?.index).toBe(1)
    const either = await client.search({
      tenant: '*',
      q: 'action:account.made',
      'data.plan': ['pro', 'free'],
    })
    expect(either.entries).toHaveLength(3)
    const faulty = client.search({ q: 'action:(' })
    await expect(faulty).rejects.toMatchObject({ code: 'query-invalid', status: 400 })
    await expect(client.get('none', { tenant: 'reading' })).rejects.toMatchObject({
      code: 'entry-unknown',
    })
  })

  test('exports every line', async () => {
    await using client = connect({ tenant: 'exported' })
    for (let n = 0; n < 50; n += 1) client.record({ action: 'a', actor })
    await client.flush()
    const chunks: Uint8Array[] = []
    for await (const chunk of client.export({ tenant: 'exported' })) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString().trim().split('\n')).toHaveLength(50)
  })

  test('a receipt is fetched, and verified against the pinned key alone', async () => {
    await using client = connect()
    const { id } = await client.append({ action: 'a', actor, tenant: 'receipts' })
    const { json } = await server.ask('/v1/logs/receipts')
    const receipt = await client.receipt(id, { tenant: 'receipts' })
    const verified = await client.verifyReceipt(receipt, [json.vkey])
    expect(verified).toMatchObject({ index: 0, event: { id } })
    await expect(client.verifyReceipt(receipt, [])).rejects.toMatchObject({ code: 'key-unknown' })
  })
})
