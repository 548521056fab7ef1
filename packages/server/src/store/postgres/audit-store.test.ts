import { startPostgres } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { openQuietStore } from '../testing/open-postgres.ts'
import { appendTo } from '../testing/store-under-test.ts'

test('rows that no head accounts for are named, each at its place', async () => {
  await using postgres = await startPostgres()
  await using store = await openQuietStore(postgres.url)
  const seeds = Array.from({ length: 300 }, () => ({}))
  await appendTo(store, 'acme', seeds)
  await store.append.transact((transaction) =>
    transaction.insertNodes('acme', [{ level: 1, index: 0, hash: Buffer.alloc(32) }]),
  )
  expect((await store.audit.readSnapshot({ withStrays: true })).strays).toEqual([])
  await store.pool.query(`
    INSERT INTO entry SELECT
      tenant, idx + 500, received, id || '\\x01', hash, secret, type, core, actor, changes, context,
      data, targets, tokens FROM entry WHERE idx = 7;
    INSERT INTO entry SELECT
      'nobody', idx, received, id, hash, secret, type, core, actor, changes, context, data, targets,
      tokens FROM entry WHERE idx < 3;
    INSERT INTO node VALUES ('acme', 1, 1, ''), ('ghost', 1, 0, '');
    INSERT INTO checkpoint VALUES ('ghost', 1, 0, ''), ('', 1, 0, '')`)
  expect((await store.audit.readSnapshot({ withStrays: true })).strays).toEqual([
    { tenant: 'acme', index: 507, what: 'an entry beyond the log’s end' },
    { tenant: 'acme', what: '1 hashes beyond the log’s tree' },
    { tenant: undefined, what: 'entries of a log that does not exist (nobody)' },
    { tenant: undefined, what: 'hashes of a log that does not exist (ghost)' },
    { tenant: undefined, what: 'checkpoints of a log that does not exist ()' },
    { tenant: undefined, what: 'checkpoints of a log that does not exist (ghost)' },
  ])
})

test('a row that was forged to carry another tenant’s tokens is not found there', async () => {
  await using postgres = await startPostgres()
  await using store = await openQuietStore(postgres.url)
  await appendTo(
    store,
    'acme',
    Array.from({ length: 600 }, () => ({ facts: ['a'] })),
  )
  await appendTo(store, 'other', [{ facts: ['a'] }])
  await store.pool.query(`
    UPDATE entry SET tokens = (SELECT tokens FROM entry WHERE tenant = 'acme' AND idx = 0)
    WHERE tenant = 'other'`)
  const lookup = { tenant: 'acme', groups: [['a']], from: undefined, limit: 1_000 }
  for (const direction of ['newest-first', 'oldest-first'] as const) {
    const found = await store.read.findCandidates({ ...lookup, direction })
    expect(found).toHaveLength(600)
    expect(found.every(({ tenant }) => tenant === 'acme')).toBe(true)
  }
  expect(await store.read.countCandidates('acme', [['a']])).toEqual({ count: 600, exact: true })
})
