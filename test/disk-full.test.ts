import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Head } from '@indelible/protocol'
import { auditData } from '@indelible/server'
import {
  type Answer,
  createTemporaryFolder,
  mountSmallDisk,
  type SpawnedServer,
  spawnServer,
} from '@indelible/testkit'
import { afterAll, expect, test, vi } from 'vitest'
import { readMetric } from './metrics/read-metrics.ts'

const temporary = createTemporaryFolder()
const disk = mountSmallDisk(join(temporary.path, 'small'), 'disk-full.test.ts')
afterAll(() => {
  disk?.[Symbol.dispose]()
  temporary[Symbol.dispose]()
})

const batchEvents = 100
const createBatch = (batch: number) =>
  Array.from({ length: batchEvents }, (_, n) => ({
    tenant: 'acme',
    id: `${batch}-${n}`,
    action: 'order.paid',
    actor: { id: `u_${n}` },
    data: { batch, note: 'enough text to fill a small disk before long '.repeat(6) },
  }))

/** Appends batch after batch. @returns the first answer that is not an acknowledgement */
async function fill(server: SpawnedServer, acknowledged: Head[]): Promise<Answer> {
  for (let batch = 0; ; batch++) {
    const answer = await server.post('/v1/events', createBatch(batch))
    if (answer.status !== 201) return answer
    acknowledged.push(...answer.json.entries)
  }
}

/** Every batch again, and some more: what was acknowledged comes back as it was. */
async function expectKept(server: SpawnedServer, acknowledged: readonly Head[]): Promise<void> {
  const batches = acknowledged.length / batchEvents
  for (let batch = 0; batch < batches; batch++) {
    const { json } = await server.post('/v1/events', createBatch(batch))
    const from = batch * batchEvents
    const expected = acknowledged.slice(from, from + batchEvents)
    expect(json.entries).toEqual(expected.map((head) => ({ ...head, duplicate: true })))
  }
  expect((await server.post('/v1/events', createBatch(batches))).json.entries[0].index).toBe(
    acknowledged.length,
  )
  const receipt = await server.ask(`/v1/events/${batches}-0/receipt?tenant=acme`)
  expect(receipt.status).toBe(200)
  const found = await server.ask('/v1/events?tenant=acme&actor.id=u_7&limit=1000')
  expect(found.json.entries).toHaveLength(batches + 1)
}

test.skipIf(disk === undefined)(
  'a full disk refuses appends by 503 and loses nothing; with space again the service goes on by itself (D-13)',
  { timeout: 120_000 },
  async () => {
    const path = disk?.path ?? ''
    const folder = join(path, 'data')
    await using server = await spawnServer({ folder })
    const acknowledged: Head[] = []
    const refused = await fill(server, acknowledged)
    expect(refused.status).toBe(503)
    expect(refused.json.code).toBe('store-unavailable')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(acknowledged.length).toBeGreaterThan(batchEvents)
    // What the alerts look at.
    const metric = (name: string, labels?: string) =>
      readMetric(server, `indelible_${name}`, labels)
    expect(await metric('problems_total', 'code="store-unavailable"')).toBeGreaterThan(0)
    expect(await metric('disk_free_bytes')).toBeLessThan((await metric('disk_size_bytes')) / 20)
    expect(await metric('ledger_stopped')).toBe(0)
    // A read must be on record before it is answered: with no room for that it is refused as well.
    const found = await server.ask('/v1/events?tenant=acme&id=0-0')
    if (found.status === 200) expect(found.json.entries).toHaveLength(1)
    else expect(found.json.code).toBe('store-unavailable')

    expect(spawnSync('mount', ['-o', 'remount,size=128m', path]).status).toBe(0)
    await expectKept(server, acknowledged)
    await vi.waitFor(async () => expect((await server.ask('/readyz')).status).toBe(200), 30_000)
    await server.stop()
    expect((await auditData({ folder })).findings).toEqual([])
  },
)

test('a file that may not grow stops the ledger by name, and a restart loses nothing', {
  timeout: 120_000,
}, async () => {
  const folder = join(temporary.path, 'limited')
  const acknowledged: Head[] = []
  {
    // The limit is on each file, 4 MiB: the WAL reaches it first. SQLite calls it an I/O error.
    const shell = 'ulimit -S -f 4096; trap "" XFSZ; exec "$@"'
    await using server = await spawnServer({ folder, wrapper: ['bash', '-c', shell, 'bash'] })
    const refused = await fill(server, acknowledged)
    expect(refused.status).toBe(503)
    expect(refused.json.code).toBe('ledger-stopped')
    expect(await readMetric(server, 'indelible_ledger_stopped')).toBe(1)
    const later = await server.post('/v1/events', createBatch(0))
    expect(later.json.code).toBe('ledger-stopped')
    expect((await server.ask('/readyz')).status).toBe(503)
    await server.kill('SIGKILL')
  }
  await using server = await spawnServer({ folder })
  await expectKept(server, acknowledged)
  await server.stop()
  expect((await auditData({ folder })).findings).toEqual([])
})
