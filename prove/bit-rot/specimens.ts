import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backupData } from '@indelible/server'
import {
  numberedEvents,
  type SpawnedServer,
  spawnServer,
  testAdminPassword,
} from '@indelible/testkit'

import { assertTaken } from '../clients/assert-taken.ts'

/** Where things are kept whose bits are to rot. */
export interface Specimens {
  /** Of a service that was stopped: everything is in its databases. */
  readonly stopped: string
  /** Of one that was killed: what it wrote last lies in write-ahead logs alone. */
  readonly killed: string
  /** Of the first, with its seed. */
  readonly backup: string
  /** A whole log as receipts, one a line. */
  readonly receipts: string
  /** One receipt. */
  readonly receipt: string
  /** The keys of that log, as somebody pinned them. */
  readonly keys: readonly string[]
}

/** More than one tile, so that there are hashes kept above the leaves. */
const events = { acme: 540, globex: 30 } as const

/** Makes something of everything that a data folder can hold. */
export async function makeSpecimens(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Specimens> {
  const [stopped, killed] = [join(folder, 'stopped'), join(folder, 'killed')]
  const backup = join(folder, 'backup')
  const [receipts, receipt] = [join(folder, 'receipts.ndjson'), join(folder, 'receipt.json')]
  const server = await spawnServer({ folder: stopped, environment })
  await fill(server)
  await administer(server)
  await settle(server)
  const { vkey } = (await assertTaken(server.ask('/v1/logs/globex'))).json
  const whole = '/v1/export?format=receipts&order=asc&tenant=globex'
  const exported = await assertTaken(server.ask(whole))
  writeFileSync(receipts, exported.text)
  const one = await assertTaken(server.ask('/v1/events/globex-7/receipt?tenant=globex'))
  writeFileSync(receipt, one.text)
  await settle(server)
  await server.stop()

  cpSync(stopped, killed, { recursive: true })
  const another = await spawnServer({ folder: killed, environment })
  for (let n = 0; n < 4; n++) {
    await assertTaken(another.post('/v1/events', numberedEvents('acme', 10, 1_000 + 10 * n)))
    await settle(another)
  }
  await another.kill('SIGKILL')
  for (const name of ['log.db-shm', 'guard.db-shm']) rmSync(join(killed, name), { force: true })

  await backupData({ folder: stopped, target: backup, includeSeed: true })
  return { stopped, killed, backup, receipts, receipt, keys: [String(vkey)] }
}

async function fill({ post }: SpawnedServer): Promise<void> {
  for (const [tenant, count] of Object.entries(events)) {
    const [named, unnamed] = [numberedEvents(tenant, count - 20), numberedEvents(tenant, 20)]
    const targets = [{ type: 'file', id: 'f_1' }]
    await assertTaken(post('/v1/events', named))
    await assertTaken(
      post(
        '/v1/events',
        unnamed.map(({ id: _, ...event }) => ({ ...event, targets })),
      ),
    )
  }
}

/** Keys, users, sessions, rules and schemas; and a log whose key was rotated. */
async function administer({ ask, post }: SpawnedServer): Promise<void> {
  await assertTaken(post('/v1/keys', { name: 'billing', scopes: ['append'], tenants: ['acme'] }))
  await assertTaken(post('/v1/keys', { name: 'reader', scopes: ['read'], tenants: ['*'] }))
  await assertTaken(post('/v1/login', { username: 'admin', password: testAdminPassword }))
  const schema = { method: 'PUT', headers: { 'content-type': 'application/json' } }
  const path = '/v1/tenants/acme/schemas/plan.changed'
  await assertTaken(ask(path, { ...schema, body: JSON.stringify({ required: ['data'] }) }))
  await assertTaken(post('/v1/logs/acme/key', {}))
}

/** Waits until checkpoints cover every log. */
async function settle({ ask }: SpawnedServer): Promise<void> {
  for (const tenant of ['acme', 'globex', '_system']) {
    for (;;) {
      const { size, checkpoint } = (await assertTaken(ask(`/v1/logs/${tenant}`))).json
      if (checkpoint?.size === size) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** The bits of a file, to be flipped one at a time. */
export function openFile(path: string) {
  const sound = readFileSync(path)
  return {
    count: sound.length * 8,
    flip(bit: number): void {
      const bytes = Buffer.from(sound)
      bytes[bit >> 3] = (sound[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      writeFileSync(path, bytes)
    },
    mend: () => writeFileSync(path, sound),
  }
}
