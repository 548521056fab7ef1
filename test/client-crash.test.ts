import { join } from 'node:path'
import type { FsyncPolicy } from '@indelible/client'
import { createRandom, createTemporaryFolder, readSeed } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { compileJournal } from './crash/record-journal.ts'
import { recordSpool, replaySpool, type SpoolReport } from './crash/spool-replay.ts'

/**
 * A power cut of the application's machine, simulated: what a client did to its spool is recorded call
 * by call, and every moment in between is turned into what a disk may hold then.
 */
const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())
const seed = readSeed()
const random = createRandom(seed)
const library = compileJournal(temporary.path)
const hint =
  'client-crash.test.ts needs a C compiler and glibc on Linux, and is not run without them: ' +
  'apt-get install gcc libc6-dev'
if (library === undefined) {
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(hint)
} else console.info(`client-crash.test.ts: INDELIBLE_TEST_SEED=${seed}`)

async function replay(fsync: FsyncPolicy, policy: FsyncPolicy): Promise<SpoolReport> {
  const root = join(temporary.path, `${fsync}-${policy}`)
  const paceMs = fsync === 'second' ? 120 : 2
  const recorded = recordSpool({ library: library ?? '', root, fsync, paceMs })
  const report = await replaySpool({ ...recorded, policy, random })
  const { faults: _, ...figures } = report
  console.info(`client-crash.test.ts: ${fsync} ${JSON.stringify(figures)}`)
  return report
}

const policies = [
  ['each', 'all that returned'],
  ['second', 'all that was synced'],
] as const
for (const [fsync, kept] of policies) {
  test.skipIf(library === undefined)(
    `with fsync ${fsync} a power cut takes nothing of ${kept}, and what is left is delivered`,
    { timeout: 300_000 },
    async () => {
      const report = await replay(fsync, fsync)
      expect(report.faults).toEqual([])
      expect(report.promised).toBe(280)
      expect(report.states).toBeGreaterThan(1_000)
    },
  )
}

test.skipIf(library === undefined)(
  'the same replay finds the events that fsync never loses',
  { timeout: 300_000 },
  async () => {
    const report = await replay('never', 'each')
    expect(report.bad).toBeGreaterThan(report.states / 10)
    expect(report.faults.every((fault) => fault.includes('lost: '))).toBe(true)
  },
)
