import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { reindexData } from '@indelible/server'
import {
  createTemporaryFolder,
  numberedEvents,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import { expect, test } from 'vitest'

/** How many entries a search for one actor and one for a word common to all find. */
async function search(server: TestServer, actor: string) {
  const one = await server.ask(`/v1/events?actor.id=${actor}`)
  const all = await server.ask('/v1/events?action=order.*&limit=1000')
  return { one: one.json.entries.length, all: all.json.entries.length }
}

const indexFiles = (folder: string) =>
  readdirSync(folder).filter((name) => /^index.*\.db$/.test(name))

async function waitUntil(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('searches stay right while a running service changes over to a rebuilt index', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', numberedEvents('default', 500))
  let isDone = false
  let sent = 500
  const faults: unknown[] = []
  const append = async () => {
    while (!isDone && sent < 900) {
      await server.post('/v1/events', numberedEvents('default', 2, sent))
      sent += 2
      const found = await search(server, `u_${sent - 1}`)
      if (found.one !== 1 || found.all !== sent) faults.push({ sent, ...found })
    }
  }
  const load = append()
  const { index, entries } = await reindexData({ folder: server.folder })
  expect(entries).toBeGreaterThanOrEqual(500)
  // The indexer follows without being woken, and drops the old file.
  await waitUntil(() => indexFiles(server.folder).join() === index)
  isDone = true
  await load
  expect(faults).toEqual([])
  expect(await search(server, 'u_3')).toEqual({ one: 1, all: sent })
})

test('an idle service follows to a rebuilt index', async () => {
  await using server = await startTestServer()
  await server.post('/v1/events', numberedEvents('default', 50))
  const { index } = await reindexData({ folder: server.folder })
  await waitUntil(() => indexFiles(server.folder).join() === index)
  expect(await search(server, 'u_3')).toEqual({ one: 1, all: 50 })
})

test.each([
  ['is missing', (path: string) => rmSync(path)],
  ['is no database', (path: string) => writeFileSync(path, 'garbage that is no database at all')],
  ['is damaged', (path: string) => writeFileSync(path, damage(readFileSync(path)))],
  // As where another file was written beneath its WAL: what it says of itself is right.
  ['lacks a part', (path: string) => dropTable(path, 'fact_config')],
])(
  'a service that starts where the index %s makes it anew, and finds everything',
  async (_, harm) => {
    using temporary = createTemporaryFolder()
    const folder = join(temporary.path, 'data')
    {
      await using server = await startTestServer({ folder })
      await server.post('/v1/events', numberedEvents('default', 50))
    }
    harm(join(folder, 'index.db'))
    await using server = await startTestServer({ folder })
    expect(await search(server, 'u_3')).toEqual({ one: 1, all: 50 })
  },
)

function dropTable(path: string, table: string): void {
  const database = new DatabaseSync(path, { defensive: false })
  database.exec(`DROP TABLE ${table}`)
  database.close()
}

function damage(bytes: Buffer): Buffer {
  return bytes.fill(0x5a, 100, bytes.length)
}

test('without a service, reindexing leaves the new index alone in the folder', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  {
    await using server = await startTestServer({ folder })
    await server.post('/v1/events', numberedEvents('default', 50))
  }
  const { index, entries } = await reindexData({ folder })
  expect(entries).toBeGreaterThanOrEqual(50)
  expect(indexFiles(folder)).toEqual([index])
  await using server = await startTestServer({ folder })
  expect(await search(server, 'u_3')).toEqual({ one: 1, all: 50 })
  expect(indexFiles(folder)).toEqual([index])
})
