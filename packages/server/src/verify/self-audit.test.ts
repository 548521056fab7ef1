import { describe, expect, test } from 'vitest'
import type { SystemEvent } from '../ledger/system-event.ts'
import type { AuditReport } from './audit.ts'
import type { AuditSummary } from './audit-summary.ts'
import { createSelfAudit, type SelfAuditOptions } from './self-audit.ts'

const hourMs = 3_600_000
const sound: AuditReport = {
  logs: [{ tenant: 'default', origin: 'o', size: 7, root: '' }],
  entries: 7,
  findings: [],
}
const by = { actor: { type: 'user', id: 'ada' } }

type Run = PromiseWithResolvers<AuditReport | undefined> & { readonly haste: AbortSignal }

/** Audits that end when the test says so, over a clock that it turns. */
function setUp(options: Partial<SelfAuditOptions> = {}) {
  const time = { now: 1_000 * hourMs }
  const runs: Run[] = []
  const growths: (Run & { readonly audited: ReadonlyMap<string, number> })[] = []
  const records: SystemEvent[] = []
  const kept: { summary?: AuditSummary } = {}
  const faults: unknown[] = []
  const selfAudit = createSelfAudit({
    clock: () => time.now,
    everyMs: 24 * hourMs,
    isElsewhere: async () => false,
    readKept: () => kept.summary,
    async keep(record, summary) {
      records.push(record)
      if (summary !== undefined) kept.summary = summary
    },
    onFault: (error) => void faults.push(error),
    run({ signal, haste, audited }) {
      const run = { ...Promise.withResolvers<AuditReport | undefined>(), haste }
      signal.addEventListener('abort', () => run.reject(signal.reason))
      if (audited === undefined) runs.push(run)
      else growths.push({ ...run, audited })
      return run.promise
    },
    ...options,
  })
  const end = async (n: number, report?: AuditReport | Error) => {
    if (report instanceof Error) runs[n]?.reject(report)
    else runs[n]?.resolve(report)
    await expect.poll(() => selfAudit.state().running).toBeUndefined()
  }
  /** The clock goes on, and what is due begins. */
  const pass = async (ms: number) => {
    time.now += ms
    selfAudit.look()
    await new Promise(setImmediate)
  }
  const endGrowth = async (n: number, report?: AuditReport | Error) => {
    if (report instanceof Error) growths[n]?.reject(report)
    else growths[n]?.resolve(report)
    await new Promise(setImmediate)
  }
  return { selfAudit, time, runs, growths, records, kept, faults, end, pass, endGrowth }
}

test('one is due some minutes after the first start, and then whenever its time has come again', async () => {
  const { selfAudit, time, runs, records, end, pass, endGrowth } = setUp()
  selfAudit.look()
  expect(runs).toHaveLength(0)
  time.now = selfAudit.state().next ?? 0
  selfAudit.look()
  expect(runs).toHaveLength(1)
  await end(0, sound)
  expect(selfAudit.state()).toMatchObject({ last: { entries: 7, findings: 0, ended: time.now } })
  expect(records.map(({ action }) => action)).toEqual(['audit.passed'])
  await pass(24 * hourMs - 1)
  await endGrowth(0, sound)
  expect(runs).toHaveLength(1)
  await pass(1)
  expect(runs).toHaveLength(2)
})

test('a clock that is set back by years holds up neither audits of everything nor those of growth', async () => {
  const { selfAudit, time, runs, growths, end, pass, endGrowth } = setUp()
  const before = time.now
  time.now = before + 9_000 * hourMs
  selfAudit.look()
  await end(0, sound)
  time.now = before
  await pass(hourMs)
  expect(runs).toHaveLength(2)
  await end(1, sound)
  time.now = before + 9_000 * hourMs
  // Of growth: begun ahead, and due again behind.
  await endGrowth(0)
  time.now = before + 2 * hourMs
  selfAudit.look()
  expect(growths.length + runs.length).toBeGreaterThan(2)
  await selfAudit[Symbol.asyncDispose]()
})

test('until its result is on record an audit is under way, and tells none', async () => {
  const recording = Promise.withResolvers<void>()
  const { selfAudit, time, runs, end } = setUp({ keep: () => recording.promise })
  time.now = selfAudit.state().next ?? 0
  selfAudit.look()
  runs[0]?.resolve(sound)
  await new Promise(setImmediate)
  expect(selfAudit.state()).toMatchObject({ running: { started: time.now }, last: undefined })
  recording.resolve()
  await end(0)
  expect(selfAudit.state()).toMatchObject({ last: { entries: 7 } })
})

test('a service that starts again goes on from the result that was kept', () => {
  const { selfAudit, time, kept, runs } = setUp()
  const ended = time.now - 2 * hourMs
  kept.summary = {
    ...{ started: ended, ended, entries: 7, findings: 0, found: [] },
    ...{ logs: [], isWhole: true },
  }
  expect(selfAudit.state()).toMatchObject({ next: ended + 24 * hourMs, last: { entries: 7 } })
  time.now += hourMs
  selfAudit.look()
  expect(runs).toHaveLength(0)
})

test('there are never two at a time, whoever asks', async () => {
  const { selfAudit, time, runs, records } = setUp()
  await selfAudit.request(by)
  await selfAudit.request(by)
  time.now += 48 * hourMs
  selfAudit.look()
  expect(runs).toHaveLength(1)
  expect(records).toEqual([{ ...by, action: 'audit.requested' }])
})

test('without a schedule it is only done when asked for', async () => {
  const { selfAudit, time, runs } = setUp({ everyMs: 0 })
  time.now += 10_000 * hourMs
  selfAudit.look()
  expect([runs.length, selfAudit.state().next]).toEqual([0, undefined])
  await selfAudit.request(by)
  expect(runs).toHaveLength(1)
})

test('what came to no end is no result: it is told, and tried again within the hour', async () => {
  const { selfAudit, time, runs, records, faults, end } = setUp()
  await selfAudit.request(by)
  await end(0, new Error('the database is out of reach'))
  expect(selfAudit.state()).toMatchObject({
    last: undefined,
    fault: { detail: 'the database is out of reach' },
    next: time.now + hourMs,
  })
  expect([faults.length, records.length]).toEqual([1, 1])
  time.now += hourMs
  selfAudit.look()
  await end(1, sound)
  expect([runs.length, selfAudit.state().fault]).toEqual([2, undefined])
})

test('a result that can not be recorded is shown all the same, and the fault with it', async () => {
  const { selfAudit, end } = setUp({
    keep: async (record) => {
      if (record.action !== 'audit.requested') throw new Error('the ledger has stopped')
    },
  })
  await selfAudit.request(by)
  await end(0, { ...sound, findings: [{ tenant: 'default', code: 'head-changed', detail: 'x' }] })
  expect(selfAudit.state()).toMatchObject({
    last: { findings: 1 },
    fault: { detail: 'the ledger has stopped' },
  })
})

test('one that can not be recorded as asked for is not begun', async () => {
  const { selfAudit, runs } = setUp({ keep: () => Promise.reject(new Error('no')) })
  await expect(selfAudit.request(by)).rejects.toThrow('no')
  expect(runs).toHaveLength(0)
})

test('closing waits for no audit, and keeps nothing of one that was cut short', async () => {
  const { selfAudit, time, runs, records, faults } = setUp()
  await selfAudit.request(by)
  await selfAudit[Symbol.asyncDispose]()
  time.now += 48 * hourMs
  selfAudit.look()
  expect([runs.length, records.length, faults]).toEqual([1, 1, []])
  expect(selfAudit.state().last).toBeUndefined()
})

test('a record names each log with findings, and the first of them alone', async () => {
  const { selfAudit, records, kept, end } = setUp()
  await selfAudit.request(by)
  const findings = ['default', 'acme'].flatMap((tenant) =>
    Array.from({ length: 400 }, (_, index) => {
      return { tenant, index, code: 'entry-changed' as const, detail: `Entry ${index}.` }
    }),
  )
  await end(0, { ...sound, findings })
  const [, record] = records
  expect(record).toMatchObject({
    action: 'audit.failed',
    outcome: 'failure',
    targets: [{ id: 'default' }, { id: 'acme' }],
    data: { findings: 800, entries: 7, logs: 1 },
  })
  expect(kept.summary?.found).toHaveLength(20)
  expect(kept.summary?.logs).toEqual([{ tenant: 'default', origin: 'o', size: 7, findings: 400 }])
})

describe('of growth', () => {
  const minute = 60_000
  const grown: AuditReport = {
    logs: [{ tenant: 'default', origin: 'o', size: 9, root: '' }],
    entries: 2,
    findings: [],
  }
  const changed = { tenant: 'default', index: 8, code: 'entry-changed', detail: 'x' } as const

  /** After a first audit of everything. */
  async function setUpAudited() {
    const parts = setUp()
    await parts.selfAudit.request(by)
    await parts.end(0, sound)
    return parts
  }

  test('every few minutes what is new is audited, and nothing is recorded where all is well', async () => {
    const { selfAudit, time, growths, records, pass, endGrowth } = await setUpAudited()
    await pass(5 * minute)
    expect(growths.map(({ audited }) => [...audited])).toEqual([[['o', 7]]])
    await pass(5 * minute)
    expect(growths).toHaveLength(1)
    await endGrowth(0, grown)
    expect(selfAudit.state()).toMatchObject({ growth: { ended: time.now, entries: 2 }, checked: 2 })
    await pass(minute)
    expect(growths.map(({ audited }) => [...audited])).toEqual([[['o', 7]], [['o', 9]]])
    expect(records.map(({ action }) => action)).toEqual(['audit.requested', 'audit.passed'])
  })

  test('before the first audit of everything, and without a schedule, there is none', async () => {
    const first = setUp()
    first.time.now += 4 * minute
    first.selfAudit.look()
    const unscheduled = setUp({ everyMs: 0 })
    await unscheduled.selfAudit.request(by)
    await unscheduled.end(0, sound)
    await unscheduled.pass(hourMs)
    expect([first.growths, unscheduled.growths]).toEqual([[], []])
  })

  test('what one finds is recorded once, and told until an audit that began later has read it all', async () => {
    const { selfAudit, time, runs, records, kept, end, pass, endGrowth } = await setUpAudited()
    await pass(5 * minute)
    await endGrowth(0, { ...grown, findings: [changed] })
    expect(kept.summary).toMatchObject({ findings: 1, found: [changed], logs: [{ findings: 1 }] })
    await pass(5 * minute)
    await endGrowth(1, { ...grown, findings: [changed] })
    expect(records.slice(2)).toMatchObject([
      { action: 'audit.failed', data: { findings: 1, entries: 2, found: [changed] } },
    ])
    time.now = selfAudit.state().next ?? 0
    selfAudit.look()
    await new Promise(setImmediate)
    await end(1, sound)
    expect([runs.length, selfAudit.state().last?.findings]).toEqual([2, 0])
  })

  test('an audit of everything that began before does not hide what one found', async () => {
    const { selfAudit, time, end, kept } = await setUpAudited()
    await selfAudit.request(by)
    await new Promise(setImmediate)
    time.now += minute
    // Another node found it meanwhile.
    const summary = kept.summary
    expect(summary).toBeDefined()
    if (summary !== undefined) {
      const later = [{ ...changed, time: time.now }]
      kept.summary = { ...summary, findings: 1, found: later, later }
    }
    await end(1, sound)
    expect(selfAudit.state().last).toMatchObject({ findings: 1, found: [changed] })
  })

  test('one that comes to no end holds up no audit of everything', async () => {
    const { selfAudit, growths, faults, pass, endGrowth } = await setUpAudited()
    const { next } = selfAudit.state()
    await pass(5 * minute)
    await endGrowth(0, new Error('out of reach'))
    expect([faults.length, selfAudit.state().next, selfAudit.state().fault]).toEqual([
      1,
      next,
      undefined,
    ])
    await pass(5 * minute)
    expect(growths).toHaveLength(2)
  })

  test('what is asked for begins when it has ended, and does not rest', async () => {
    const { selfAudit, runs, pass, endGrowth } = await setUpAudited()
    await pass(5 * minute)
    await selfAudit.request(by)
    expect([runs.length, selfAudit.state().running?.done]).toEqual([1, 0])
    await endGrowth(0, grown)
    expect([runs.length, runs[1]?.haste.aborted]).toEqual([2, true])
  })

  test('one on its schedule rests, until somebody asks for it', async () => {
    const { selfAudit, time, runs } = setUp()
    time.now = selfAudit.state().next ?? 0
    selfAudit.look()
    await new Promise(setImmediate)
    expect(runs[0]?.haste.aborted).toBe(false)
    await selfAudit.request(by)
    expect([runs.length, runs[0]?.haste.aborted]).toEqual([1, true])
  })
})
