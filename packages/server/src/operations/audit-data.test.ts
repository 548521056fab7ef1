import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { auditData, type Finding } from '@indelible/server'
import { createFilledFolder, filledSizes, tamper } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Edge } from '../ledger/edge.ts'
import { createKeyring } from '../ledger/keyring.ts'
import { hashLeaf } from '../ledger/leaf.ts'
import { signCheckpoint } from '../ledger/sign-checkpoint.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import type { KeptEntry } from '../store/store.ts'
import { auditFile, readGuard } from './audit-data.ts'
import { trustKeys } from './trust-keys.ts'

let filled: Awaited<ReturnType<typeof createFilledFolder>>
beforeAll(async () => {
  filled = await createFilledFolder()
})
afterAll(() => filled[Symbol.dispose]())

const ofDefault = "(SELECT number FROM log WHERE tenant = 'default')"
const ofAcme = "(SELECT number FROM log WHERE tenant = 'acme')"

/** What an audit finds once `change` was made to a copy of the folder. */
async function findingsAfter(
  change: (folder: string) => void | Promise<void>,
  options: { readonly pinnedKeys?: readonly string[] } = {},
): Promise<readonly Finding[]> {
  using copy = filled.copy()
  await change(copy.path)
  return (await auditData({ folder: copy.path, ...options })).findings
}

const sql = (statements: string, file?: string) => (folder: string) =>
  tamper(folder, statements, file)

/** Writes entries' leaf hashes anew, as a forger who knows the format would. */
function rehash(folder: string, tenant: string, from: number, until: number): Promise<void> {
  return withStore(folder, async (store, log) => {
    for (const entry of await store.readPlaced(tenant, from, until)) {
      log
        .prepare('UPDATE entry SET hash = ? WHERE seq = ?')
        .run(Buffer.from(hashLeaf(entry), 'latin1'), entry.place)
    }
  })
}

async function withStore(
  folder: string,
  work: (store: ReturnType<typeof createAuditStore>, log: DatabaseSync) => Promise<void>,
): Promise<void> {
  const log = new DatabaseSync(join(folder, 'log.db'))
  try {
    await work(createAuditStore({ log }), log)
  } finally {
    log.close()
  }
}

/** Makes head and tree agree with the entries there are: the most thorough forger without a key. */
async function forgeTree(folder: string, tenant: string): Promise<void> {
  await withStore(folder, async (store, log) => {
    const row = log.prepare('SELECT number FROM log WHERE tenant = ?').get(tenant)
    const number = Number(row?.number)
    const entries = await store.readPlaced(tenant, 0, Number.MAX_SAFE_INTEGER)
    const edge = new Edge(0, new Uint8Array(0))
    log.prepare('DELETE FROM node WHERE log = ?').run(number)
    const insert = log.prepare('INSERT INTO node (log, level, idx, hash) VALUES (?, ?, ?, ?)')
    for (const { hash } of entries) {
      const nodes = edge.append(Buffer.from(hash).toString('latin1'))
      for (const node of nodes) insert.run(number, node.level, node.index, node.hash)
    }
    log
      .prepare('UPDATE log SET size = ?, received = ?, edge = ? WHERE number = ?')
      .run(edge.size, (entries.at(-1) as KeptEntry).received, edge.toBytes(), number) // not empty
  })
}

test('an untouched folder passes, and the audit says which logs it holds and how far', async () => {
  using copy = filled.copy()
  const seen: { done: number; total: number }[] = []
  const report = await auditData({ folder: copy.path, onProgress: (p) => seen.push(p) })
  expect(report.findings).toEqual([])
  expect(report.logs).toMatchObject([
    { tenant: '_system' },
    { tenant: 'acme', size: filledSizes.acme },
    { tenant: 'default', size: filledSizes.default, root: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ])
  expect(seen.at(-1)).toEqual({ done: report.entries, total: report.entries })
})

test('a changed byte of a kept event is found at its index, as a change of the entry (R-05)', async () => {
  const findings = await findingsAfter(
    sql(`UPDATE entry SET data = replace(data, '41', '42') WHERE log = ${ofDefault} AND idx = 41`),
  )
  expect(findings).toMatchObject([{ tenant: 'default', index: 41, code: 'entry-changed' }])
})

test('a changed event whose leaf hash was recomputed is found by the tree over it', async () => {
  const findings = await findingsAfter(async (folder) => {
    sql(`UPDATE entry SET data = '{"n":0}' WHERE log = ${ofDefault} AND idx = 300`)(folder)
    await rehash(folder, 'default', 300, 301)
  })
  expect(findings).toMatchObject([
    { tenant: 'default', index: 256, until: 512, code: 'tree-changed' },
  ])
})

test('a changed event in the part of the tree without a whole tile is found by the head', async () => {
  const findings = await findingsAfter(async (folder) => {
    sql(`UPDATE entry SET data = '{"n":0}' WHERE log = ${ofDefault} AND idx = 599`)(folder)
    await rehash(folder, 'default', 599, 600)
  })
  expect(findings.map(({ code }) => code)).toContain('head-changed')
  expect(findings.map(({ code }) => code)).toContain('checkpoint-forked')
})

test('a changed event with everything recomputed but the signature contradicts checkpoint and guard', async () => {
  const findings = await findingsAfter(async (folder) => {
    sql(`UPDATE entry SET data = '{"n":0}' WHERE log = ${ofDefault} AND idx = 7`)(folder)
    await rehash(folder, 'default', 7, 8)
    await forgeTree(folder, 'default')
  })
  expect(findings).toMatchObject([
    { tenant: 'default', until: 600, code: 'checkpoint-forked' },
    { tenant: 'default', until: 600, code: 'guard-forked' },
  ])
})

test('a deleted row is named (R-05)', async () => {
  const findings = await findingsAfter(
    sql(`DELETE FROM entry WHERE log = ${ofDefault} AND idx = 100`),
  )
  expect(findings).toMatchObject([
    { tenant: 'default', index: 100, until: 101, code: 'entry-missing' },
  ])
})

test('two entries that changed places are named (R-05)', async () => {
  const findings = await findingsAfter(
    sql(`
      UPDATE entry SET idx = -1 WHERE log = ${ofDefault} AND idx = 20;
      UPDATE entry SET idx = 20 WHERE log = ${ofDefault} AND idx = 30;
      UPDATE entry SET idx = 30 WHERE log = ${ofDefault} AND idx = -1`),
  )
  expect(findings).toContainEqual(
    expect.objectContaining({ index: 21, code: 'order-broken', tenant: 'default' }),
  )
  expect(findings).toContainEqual(
    expect.objectContaining({ index: 0, until: 256, code: 'tree-changed' }),
  )
})

test('two entries whose contents changed places are named by their ids', async () => {
  const columns = 'core, data, actor, hash, secret, received'
  const findings = await findingsAfter(
    sql(`
      CREATE TEMP TABLE kept AS SELECT idx, ${columns} FROM entry
        WHERE log = ${ofDefault} AND idx IN (20, 30);
      UPDATE entry SET (${columns}) = (SELECT ${columns} FROM kept WHERE kept.idx = 50 - entry.idx)
        WHERE log = ${ofDefault} AND idx IN (20, 30)`),
  )
  const broken = findings.filter(({ code }) => code === 'id-broken').map(({ index }) => index)
  expect(broken).toEqual([20, 30])
})

test('another tenant’s entry in the place of one is named (R-08)', async () => {
  const columns = 'core, data, actor, hash, secret'
  const findings = await findingsAfter(
    sql(`UPDATE entry SET (${columns}) =
      (SELECT ${columns} FROM entry WHERE log = ${ofAcme} AND idx = 5)
      WHERE log = ${ofDefault} AND idx = 5`),
  )
  expect(findings).toContainEqual(
    expect.objectContaining({ tenant: 'default', index: 5, code: 'tenant-foreign' }),
  )
})

test('last entries cut off, with the head made to fit, contradict checkpoint and guard (R-05)', async () => {
  const findings = await findingsAfter(async (folder) => {
    sql(`
      DELETE FROM entry_id WHERE log = ${ofDefault} AND seq IN
        (SELECT seq FROM entry WHERE log = ${ofDefault} AND idx >= 590);
      DELETE FROM entry WHERE log = ${ofDefault} AND idx >= 590`)(folder)
    await forgeTree(folder, 'default')
  })
  expect(findings).toMatchObject([
    { tenant: 'default', index: 590, until: 600, code: 'checkpoint-ahead' },
    { tenant: 'default', index: 590, until: 600, code: 'guard-ahead' },
  ])
})

test('entries beyond the head, and rows of no log, are named (R-05)', async () => {
  const findings = await findingsAfter(
    sql(`
      UPDATE entry SET idx = 700 WHERE log = ${ofAcme} AND idx = 299;
      INSERT INTO node VALUES (99, 1, 0, x'00')`),
  )
  expect(findings).toContainEqual(
    expect.objectContaining({ tenant: 'acme', index: 700, code: 'entry-beyond-end' }),
  )
  expect(findings.map(({ code }) => code)).toContain('rows-stray')
})

test('files rolled back to an earlier copy are found by the guard, with both sizes (R-05)', async () => {
  const findings = await findingsAfter(async (folder) => {
    tamper(folder, "UPDATE guard SET size = 700 WHERE tenant = 'default'", 'guard.db')
  })
  expect(findings).toMatchObject([{ tenant: 'default', code: 'guard-ahead' }])
  expect(findings[0]?.detail).toMatch(/size 700.*ends at 600/)
})

test('a guard that was removed is said to be missing', async () => {
  const findings = await findingsAfter((folder) => rmSync(join(folder, 'guard.db')))
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['guard-missing']))
})

test('a guard that can’t be read is a finding, and the rest is audited', async () => {
  const findings = await findingsAfter((folder) => {
    writeFileSync(join(folder, 'guard.db'), 'not a database, but long enough to be looked at')
    tamper(folder, `DELETE FROM entry WHERE log = ${ofAcme} AND idx = 7`)
  })
  expect(findings).toContainEqual(expect.objectContaining({ code: 'guard-unreadable' }))
  expect(findings).toContainEqual(expect.objectContaining({ code: 'entry-missing', index: 7 }))
})

test('a guard that remembers less than a kept checkpoint is said to be behind', async () => {
  const findings = await findingsAfter(
    sql("UPDATE guard SET size = 0, edge = x'' WHERE tenant = 'acme'", 'guard.db'),
  )
  expect(findings).toMatchObject([{ tenant: 'acme', code: 'guard-behind', index: 0, until: 300 }])
})

test('a guard that remembers a log as another tenant’s is found', async () => {
  const findings = await findingsAfter(
    sql("UPDATE guard SET tenant = 'acmE' WHERE tenant = 'acme'", 'guard.db'),
  )
  expect(findings).toMatchObject([{ tenant: 'acme', code: 'guard-changed' }])
  // It hides nothing else: a restore decides by what the guard remembers.
  const rolledBack = await findingsAfter(
    sql("UPDATE guard SET tenant = 'acmE', size = 700 WHERE tenant = 'acme'", 'guard.db'),
  )
  expect(rolledBack.map(({ code }) => code)).toEqual(['guard-changed', 'guard-ahead'])
})

test('a log whose row has another name than the index of logs is found, though no read sees it', async () => {
  const findings = await findingsAfter((folder) => {
    const path = join(folder, 'log.db')
    const bytes = readFileSync(path)
    // In a row the name is followed by the log's origin; in the index by the row's number.
    const at = bytes.indexOf('acmeindelible')
    expect(at).toBeGreaterThan(0)
    bytes.write('acmE', at)
    writeFileSync(path, bytes)
  })
  expect(findings).toMatchObject([{ code: 'rows-stray' }])
})

test('an index that leads to other entries than it says is found, though every row is sound', async () => {
  const index = "FROM sqlite_schema WHERE name = 'entry_by_index'"
  const findings = await findingsAfter((folder) => {
    // Two rows change places while SQLite knows nothing of the index, which goes on as before.
    const steps = [
      `CREATE TABLE hidden AS SELECT * ${index}; DELETE ${index}`,
      `UPDATE entry SET idx = 667 - idx WHERE log = ${ofDefault} AND idx IN (333, 334)`,
      'INSERT INTO sqlite_schema SELECT * FROM hidden; DROP TABLE hidden',
    ]
    for (const step of steps) {
      const log = new DatabaseSync(join(folder, 'log.db'), { defensive: false })
      log.exec(`PRAGMA writable_schema = ON; ${step}`)
      log.close()
    }
  })
  expect(findings).toMatchObject([
    { tenant: 'default', code: 'entry-missing', index: 333, until: 335 },
  ])
})

test('a checkpoint signed with another key is said to be, and a swapped key too', async () => {
  const resign = async (folder: string) => {
    await withStore(folder, async (store, log) => {
      const head = (await store.readSnapshot()).heads.find(({ tenant }) => tenant === 'default')
      if (head === undefined) throw new Error('The folder has no log of default.')
      const keyring = createKeyring({ seed: new Uint8Array(32).fill(7), originHost: 'thief.test' })
      const root = new Edge(head.size, head.edge).root()
      const { note } = signCheckpoint(keyring, head, root, 1_000_000)
      log.prepare(`UPDATE checkpoint SET note = ? WHERE log = ${ofDefault}`).run(note)
      const { vkey } = keyring.logSigner(head.origin, head.generation)
      log.prepare("UPDATE log SET vkey = ? WHERE tenant = 'default'").run(vkey)
    })
  }
  const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code)
  const withSeed = await findingsAfter(resign)
  expect(codes(withSeed)).toEqual(['key-changed', 'checkpoint-invalid', 'key-changed'])
  expect(withSeed[1]?.detail).toContain('signed with another key')
  // Without the seed, what _system has on record tells.
  const withoutSeed = await findingsAfter(async (folder) => {
    await resign(folder)
    rmSync(join(folder, 'seed'))
  })
  expect(codes(withoutSeed)).toEqual(['key-changed'])
})

test('pinned keys decide over what the store says of its own keys', async () => {
  const { logs } = await auditData({ folder: filled.folder })
  const origin = logs.find(({ tenant }) => tenant === 'acme')?.origin ?? ''
  const other = createKeyring({ seed: new Uint8Array(32).fill(9), originHost: 'x' })
  const pinnedKeys = [other.logSigner(origin, 1).vkey]
  const findings = await findingsAfter(() => undefined, { pinnedKeys })
  expect(findings.map(({ code }) => code)).toEqual(['key-changed', 'checkpoint-invalid'])
})

test('a log removed as a whole is missed by _system’s record and by the guard', async () => {
  const findings = await findingsAfter(
    sql(`
      DELETE FROM entry WHERE log = ${ofAcme};
      DELETE FROM entry_id WHERE log = ${ofAcme};
      DELETE FROM node WHERE log = ${ofAcme};
      DELETE FROM checkpoint WHERE log = ${ofAcme};
      DELETE FROM log WHERE tenant = 'acme'`),
  )
  expect(findings).toMatchObject([{ tenant: 'acme', code: 'log-missing' }])
})

test('a page that SQLite can’t read is a finding with its entries, and the rest is audited', async () => {
  const findings = await findingsAfter((folder) => {
    const path = join(folder, 'log.db')
    const bytes = readFileSync(path)
    const at = bytes.indexOf('"id":"default-333"')
    const page = Math.floor(at / 4096) * 4096
    bytes.fill(0xff, page, page + 8) // the header of the page's b-tree
    writeFileSync(path, bytes)
  })
  expect(findings.map(({ code }) => code)).toContain('entry-unreadable')
  const unreadable = findings.filter(({ code }) => code === 'entry-unreadable')
  expect(unreadable.map(({ index }) => index)).toContain(333)
  expect(unreadable.length).toBeLessThan(64)
})

test('a file that is no database is one finding', async () => {
  const findings = await findingsAfter((folder) =>
    writeFileSync(join(folder, 'log.db'), 'not a database, but long enough to be looked at'),
  )
  expect(findings).toMatchObject([{ code: 'store-unreadable' }])
})

test('an aborted audit throws the signal’s reason', async () => {
  const reason = new Error('enough')
  const options = { folder: filled.folder, signal: AbortSignal.abort(reason) }
  await expect(auditData(options)).rejects.toBe(reason)
})

test('a log that was made and signed while the audit began is no finding', async () => {
  const path = join(filled.folder, 'log.db')
  const trusted = trustKeys(undefined)
  const guarded = readGuard(join(filled.folder, 'guard.db'))
  const audit = (isGuarded: boolean) =>
    auditFile({
      ...{ path, trusted, guarded: [] },
      readGuarded: async (wanted) =>
        isGuarded ? guarded.find(({ origin }) => origin === wanted) : undefined,
    })
  expect((await audit(true)).findings).toEqual([])
  const codes = (await audit(false)).findings.map(({ code }) => code)
  expect(new Set(codes)).toEqual(new Set(['guard-missing']))
})
