import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Head } from '@indelible/protocol'
import { auditData } from '@indelible/server'
import { createRandom, createTemporaryFolder, readSeed, startTestServer } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { compileJournal, recordJournal } from './crash/record-journal.ts'
import { replayCrashes } from './crash/replay.ts'

/**
 * A power cut, simulated: what the service did to its files is recorded call by call, and every
 * moment in between is turned into what a disk may hold then. See docs/explanation/durability.md.
 */
const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())
const seed = readSeed()
const random = createRandom(seed)
const library = compileJournal(temporary.path)
const hint =
  'crash.test.ts needs a C compiler and glibc on Linux, and is not run without them: ' +
  'apt-get install gcc libc6-dev'
if (library === undefined) {
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(hint)
} else console.info(`crash.test.ts: INDELIBLE_TEST_SEED=${seed}`)

async function replay(
  name: string,
  options: Omit<Parameters<typeof replayCrashes>[0], 'recorded' | 'random'> & {
    readonly synchronous?: 'NORMAL'
  },
) {
  const { synchronous, ...rest } = options
  const root = join(temporary.path, name)
  mkdirSync(root)
  const recorded = await recordJournal({
    library: library ?? '',
    root,
    journal: `${root}.journal`,
    ...(synchronous === undefined ? {} : { synchronous }),
  })
  const report = await replayCrashes({ ...rest, recorded, random })
  const { faults: _, ...figures } = report
  console.info(`crash.test.ts: ${name} ${JSON.stringify(figures)}`)
  return report
}

/** Starts the service on what a crash left, reads what was acknowledged, appends, and audits. */
async function restart(folder: string, acknowledged: readonly Head[]): Promise<void> {
  await using server = await startTestServer({ folder })
  for (const { tenant, id, index, hash } of [acknowledged[0], acknowledged.at(-1)].flatMap(
    (head) => head ?? [],
  )) {
    const found = await server.ask(`/v1/events/${id}?tenant=${tenant}`)
    expect(found.json).toMatchObject({ index, hash })
    const search = await server.ask(`/v1/events?tenant=${tenant}&data.request=${id.split(':')[0]}`)
    expect(search.json.entries.map((entry: Head) => entry.hash)).toContain(hash)
  }
  const later = { tenant: 'acme', id: 'later', action: 'after.crash', actor: { id: 'u' } }
  expect((await server.post('/v1/events', later)).status).toBe(201)
  await server.ask('/v1/events/later/receipt?tenant=acme')
  await server.stop()
  expect((await auditData({ folder })).findings).toEqual([])
}

test.skipIf(library === undefined)(
  'whatever a power cut takes of what was not yet synced, every acknowledged event is kept',
  { timeout: 600_000 },
  async () => {
    const report = await replay('full', { stride: 3, onImage: restart, imagesShown: 10 })
    expect(report.faults).toEqual([])
    expect(report.acknowledged).toBeGreaterThan(400)
    expect(report.states).toBeGreaterThan(2_000)
  },
)

test.skipIf(library === undefined)(
  'the same replay finds the events that synchronous=NORMAL loses',
  { timeout: 600_000 },
  async () => {
    const report = await replay('normal', { stride: 12, synchronous: 'NORMAL' })
    expect(report.bad).toBeGreaterThan(report.states / 10)
    expect(report.faults.some((fault) => fault.includes('acknowledged and lost'))).toBe(true)
  },
)
