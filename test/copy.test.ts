import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { verifyReceipt } from '@indelible/proof'
import { auditData, copyData } from '@indelible/server'
import {
  createFilledFolder,
  createTemporaryFolder,
  filledSizes,
  numberedEvents,
  startTestServer,
  tamper,
  testAdminPassword,
} from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let filled: Awaited<ReturnType<typeof createFilledFolder>>
beforeAll(async () => {
  filled = await createFilledFolder()
})
afterAll(() => filled[Symbol.dispose]())

const rootsOf = async (folder: string) => (await auditData({ folder })).logs

test('a copied folder has the same logs, passes its audit, and its service starts and goes on', async () => {
  using source = filled.copy()
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'new')
  const before = await rootsOf(source.path)
  const report = await copyData({ from: { folder: source.path }, to: { folder } })
  expect(report.logs).toEqual(before)
  expect(report.copied).toBe(before.reduce((sum, { size }) => sum + size, 0))
  const audit = await auditData({ folder })
  expect(audit.findings).toEqual([])
  expect(audit.logs).toEqual(before)
  await using server = await startTestServer({ folder })
  expect((await server.ask('/readyz')).json).toMatchObject({ signingRefusals: [] })
  const found = await server.ask('/v1/events?actor.id=u_41')
  expect(found.json.entries).toMatchObject([{ index: 41 }])
  const [repeat] = numberedEvents('default', 1, 41)
  expect((await server.post('/v1/events', repeat)).json).toMatchObject({
    duplicate: true,
    index: 41,
  })
})
