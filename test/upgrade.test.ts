import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyReceipt } from '@indelible/proof'
import { auditData, type Config } from '@indelible/server'
import { createTemporaryFolder, startPostgres, startTestServer } from '@indelible/testkit'
import pg from 'pg'
import { expect, test } from 'vitest'
import { nameOf } from '../prove/clients/clients.ts'
import { compareWithAcknowledged } from '../prove/clients/compare.ts'
import type { Remembered } from './upgrade/fill.ts'
import { type Pack, unpack as unpackInto } from './upgrade/unpack.ts'

function unpack(pack: Pack) {
  const temporary = createTemporaryFolder()
  const { path } = temporary
  const remembered = unpackInto(pack, path)
  return { path, remembered, [Symbol.dispose]: () => temporary[Symbol.dispose]() }
}

/** Today's service has all that the older one answered, and goes on behind it. */
async function expectGoesOn(
  remembered: Remembered,
  options: { readonly folder: string; readonly config?: Partial<Config> },
): Promise<void> {
  await using server = await startTestServer(options)
  const { ask, post } = server
  const { heads, logs, receipts, keys, auditor, schema, rule, searches } = remembered
  // 1 Everything that was acknowledged, where it was acknowledged.
  const kept = new Map(heads.map((head) => [nameOf(head), head]))
  expect(await compareWithAcknowledged(server, kept)).toEqual([])
  for (const { tenant, ...log } of logs) {
    expect((await ask(`/v1/logs/${tenant}`)).json).toMatchObject(log)
  }
  for (const [q, count] of Object.entries(searches)) {
    const found = await ask(`/v1/events?tenant=acme&limit=1000&q=${encodeURIComponent(q)}`)
    // Some more came when the searches had been made.
    expect(found.json.entries.length, q).toBeGreaterThanOrEqual(count)
    expect(count, q).toBeGreaterThan(0)
  }
  // 2 What was proved stays proved, by the same keys, and what was not signed yet is proved now.
  const last = heads.at(-1)
  const fresh = await ask(`/v1/events/${last?.id}/receipt?tenant=${last?.tenant}`)
  const vkeys = logs.map(({ vkey }) => vkey)
  const shown = await Promise.all(
    [...receipts, fresh.text].map((text) => verifyReceipt(JSON.parse(text), vkeys)),
  )
  expect(shown.map(({ event }) => event?.id)).toEqual([
    'acme-257',
    'globex-19',
    'initech-0',
    last?.id,
  ])
  // 3 Who may what.
  const asked = (key: string) =>
    ask('/v1/events?tenant=acme&limit=1', { headers: { authorization: `Bearer ${key}` } })
  expect((await asked(keys.live)).status).toBe(200)
  expect((await asked(keys.revoked)).status).toBe(401)
  expect((await post('/v1/login', auditor, { authorization: '' })).status).toBe(200)
  // 4 What administrators made is in force.
  const event = { tenant: schema.tenant, action: schema.action, actor: { id: 'u_1' } }
  expect((await post('/v1/events', { ...event, data: {} })).status).toBe(422)
  const rules = (await ask('/v1/redaction')).json.rules
  expect(rules).toContainEqual(expect.objectContaining({ ...rule, origin: 'console' }))
  // 5 It goes on behind the last of each log.
  for (const { tenant, size } of logs) {
    const more = { ...event, tenant, action: 'went.on', data: { note: 'CASE-1' } }
    const { status, json } = await post('/v1/events', more)
    expect({ status, index: json.index }).toEqual({ status: 201, index: size })
  }
}

test('a data folder of the version before, ended by a kill, opens, has everything, audits clean and goes on', async () => {
  using old = unpack('data-folder-14a9dce.tar.gz')
  const folder = join(old.path, 'data')
  await expectGoesOn(old.remembered, { folder })
  expect((await auditData({ folder })).findings).toEqual([])
})

test('a database of the version before is brought up to date, has everything, audits clean and goes on', async () => {
  using old = unpack('database-14a9dce.tar.gz')
  await using postgres = await startPostgres()
  const databaseUrl = await postgres.createDatabase()
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await client.query(readFileSync(join(old.path, 'dump.sql'), 'utf8'))
  } finally {
    await client.end()
  }
  const seedFile = join(old.path, 'shared.seed')
  await expectGoesOn(old.remembered, { folder: old.path, config: { databaseUrl, seedFile } })
  expect((await auditData({ store: databaseUrl, seedFile })).findings).toEqual([])
})
