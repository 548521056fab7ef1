import { DatabaseSync } from 'node:sqlite'
import { createTemporaryFolder } from '@indelible/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { auditData } from '../operations/audit-data.ts'
import { createAdmitted, type OpenedLedger, openLedger } from './testing/open-ledger.ts'

/**
 * The fault table: each durable write of the ledger × {lost, persisted but reported failed} ×
 * {I/O error, disk full} → what the caller is told, whether the ledger goes on, and what a restart
 * finds. (Seed and index pointer: base/durable-files.test.ts.)
 */
const errors = {
  'an I/O error': { errcode: 10, message: 'disk I/O error' },
  'a full disk': { errcode: 13, message: 'database or disk is full' },
} as const
type Moment = 'lost' | 'persisted'

afterEach(() => vi.restoreAllMocks())

/** Makes the next COMMIT of one database fail, and no other. */
function failNextCommit(file: 'log.db' | 'guard.db', moment: Moment, error: keyof typeof errors) {
  const { exec } = DatabaseSync.prototype
  const spy = vi.spyOn(DatabaseSync.prototype, 'exec')
  spy.mockImplementation(function (this: DatabaseSync, sql: string) {
    const isDue = sql === 'COMMIT' && this.location()?.endsWith(`/${file}`) === true
    if (!isDue || moment === 'persisted') exec.call(this, sql)
    if (!isDue) return
    spy.mockRestore()
    const { errcode, message } = errors[error]
    throw Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode })
  })
}

const append = async ({ ledger }: OpenedLedger, id: string) => {
  const [head] = await ledger.append([createAdmitted(id)])
  return head
}
/** Waits until the log is signed as far as it goes; false where that doesn't come. */
const untilSigned = async ({ ledger }: OpenedLedger) => {
  const size = (await ledger.describeLog('acme'))?.size ?? 0
  return ledger.waitForCheckpoint('acme', size, AbortSignal.timeout(30_000))
}

/** Appends everything again, as callers do who were not answered, and audits. */
async function restart(folder: string, ids: readonly string[]) {
  const again = await openLedger(folder)
  const heads = []
  for (const id of ids) heads.push(await append(again, id))
  expect(await untilSigned(again)).toBe(true)
  await again.ledger.close()
  await again.abandon()
  const report = await auditData({ folder })
  expect(report.findings).toEqual([])
  expect(report.logs.find(({ tenant }) => tenant === 'acme')?.size).toBe(ids.length)
  return heads
}

test.each([
  { error: 'an I/O error', moment: 'lost', told: 'ledger-stopped', goesOn: false },
  { error: 'an I/O error', moment: 'persisted', told: 'ledger-stopped', goesOn: false },
  { error: 'a full disk', moment: 'lost', told: 'store-unavailable', goesOn: true },
  { error: 'a full disk', moment: 'persisted', told: 'store-unavailable', goesOn: true },
] as const)(
  'a commit that is $moment and reported as $error is answered $told; goes on: $goesOn',
  async ({ error, moment, told, goesOn }) => {
    using folder = createTemporaryFolder()
    const opened = await openLedger(folder.path)
    const first = await append(opened, 'e0')
    failNextCommit('log.db', moment, error)
    await expect(append(opened, 'e1')).rejects.toMatchObject({ code: told })
    const next = append(opened, 'e2')
    if (goesOn) expect(await next).toMatchObject({ index: moment === 'lost' ? 1 : 2 })
    else await expect(next).rejects.toMatchObject({ code: 'ledger-stopped' })
    expect(opened.ledger.status().stopped === undefined).toBe(goesOn)
    await opened.abandon()

    const [again, doubted, last] = await restart(folder.path, ['e0', 'e1', 'e2'])
    expect(again).toEqual({ ...first, duplicate: true })
    // What was reported failed was never acknowledged: kept or not, the repeat is answered.
    expect(doubted?.duplicate).toBe(moment === 'persisted' ? true : undefined)
    expect(last?.duplicate).toBe(goesOn ? true : undefined)
  },
)

test.each([
  { write: 'guard advance', file: 'guard.db', error: 'an I/O error', goesOn: true },
  { write: 'guard advance', file: 'guard.db', error: 'a full disk', goesOn: true },
  { write: 'checkpoint', file: 'log.db', error: 'an I/O error', goesOn: false },
  { write: 'checkpoint', file: 'log.db', error: 'a full disk', goesOn: true },
] as const)(
  'a $write reported as $error, lost or persisted, loses no acknowledged event; goes on: $goesOn',
  async ({ file, error, goesOn }) => {
    for (const moment of ['lost', 'persisted'] as const) {
      using folder = createTemporaryFolder()
      const opened = await openLedger(folder.path)
      const first = await append(opened, 'e0')
      const fault = opened.nextFault()
      failNextCommit(file, moment, error)
      await fault
      expect(opened.ledger.status().stopped === undefined, moment).toBe(goesOn)
      if (goesOn) {
        expect(await untilSigned(opened), moment).toBe(true)
        await append(opened, 'e1')
        expect(await untilSigned(opened), moment).toBe(true)
      } else {
        await expect(append(opened, 'e1')).rejects.toMatchObject({ code: 'ledger-stopped' })
        expect(opened.ledger.status().stopped).toBeDefined()
      }
      await opened.abandon()
      const [again] = await restart(folder.path, ['e0', 'e1'])
      expect(again).toEqual({ ...first, duplicate: true })
    }
  },
)
