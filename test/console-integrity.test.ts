import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createTemporaryFolder,
  hasChromium,
  numberedEvents,
  startBrowser,
  startTestServer,
  type TestServer,
  tamper,
} from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible, looks } from './console/accessible.ts'
import { buildConsole, openConsole } from './console/open-console.ts'

const changeEntry = `UPDATE entry SET data = '{"n":7000000}'
  WHERE idx = 7 AND log = (SELECT number FROM log WHERE tenant = 'default')`

/** A service with a signed log of its own, which a test may damage. */
async function startFilled(): Promise<TestServer> {
  const server = await startTestServer()
  await server.post('/v1/events', numberedEvents('default', 20))
  await waitForSignature(server, 'default-19')
  return server
}

/** There is no receipt before a checkpoint covers the entry. */
const waitForSignature = (server: TestServer, id: string) =>
  expect.poll(async () => (await server.ask(`/v1/events/${id}/receipt`)).status).toBe(200)

describe.skipIf(!hasChromium())('the integrity and service pages', () => {
  let browser: Browser
  const temporary = createTemporaryFolder()
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    temporary[Symbol.dispose]()
  })

  const enter = async (
    server: TestServer,
    path: string,
    look: (typeof looks)[number] = looks[0],
    user?: readonly [string, string],
  ) => {
    const { colours, width } = look
    const size = { width, height: 800 }
    const opened = await openConsole({ browser, server, path: `/console${path}`, size, colours })
    await opened.signIn(...(user ?? []))
    const { page } = opened
    return {
      ...opened,
      selfAudit: page.getByRole('region', { name: 'Self-audit' }),
      receipts: page.getByRole('region', { name: 'Receipts' }),
      log: page.getByRole('region', { name: /^Log / }),
    }
  }

  /** Starts an audit by its button, and waits for its result. */
  const auditNow = async (
    { selfAudit }: Awaited<ReturnType<typeof enter>>,
    server: TestServer,
  ): Promise<void> => {
    const readEnd = async () => (await server.ask('/v1/audits')).json.last?.ended
    const before = await readEnd()
    await selfAudit.getByRole('button', { name: 'Audit now' }).click()
    await expect.poll(readEnd).not.toBe(before)
  }

  test('an administrator has a sound log audited, and every word on the page is good', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/events')
    const { page, selfAudit, log } = opened
    await page.getByRole('link', { name: 'Integrity' }).click()
    await selfAudit.getByText('There was no audit yet').waitFor()
    await log.getByText('Newest checkpoint verified in this browser, now').waitFor()
    await auditNow(opened, server)
    await selfAudit.getByText('All is well').waitFor()
    const row = page.getByRole('row', { name: /^default / })
    await row.getByText('Passed').waitFor()
    await row.getByText('Verified').waitFor()
    const { json } = await server.ask('/v1/logs/default')
    for (const text of [json.origin, json.vkey, json.root]) {
      await log.getByText(text, { exact: true }).first().waitFor()
    }
    await log.getByText(/^the same key, first seen/).waitFor()
    await page.getByRole('link', { name: '_system' }).click()
    await page.getByRole('heading', { name: 'Log _system' }).waitFor()
    expect(new URL(page.url()).search).toBe('?log=_system')
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('an entry that was changed in the folder is shouted, where it is, on every page', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity')
    const { page, selfAudit, log } = opened
    await log.getByText('Newest checkpoint verified').waitFor()
    tamper(server.folder, changeEntry)
    await auditNow(opened, server)
    const alert = selfAudit.getByRole('alert')
    await alert.getByText('1 fault found').waitFor()
    await alert.getByText('default, entry 7').waitFor()
    await log.getByText(/own audit found 1 fault in this log/).waitFor()
    await page
      .getByRole('row', { name: /^default / })
      .getByText('1 fault')
      .waitFor()
    for (const path of ['/events', '/service']) {
      await page.goto(`${server.url}/console${path}`)
      const banner = page.getByRole('alert').filter({ hasText: 'own audit found 1 fault' })
      await banner.getByRole('link', { name: 'See what' }).waitFor()
    }
    await page.getByRole('link', { name: 'See what' }).click()
    await selfAudit.getByText('default, entry 7').waitFor()
    expect(opened.mishaps).toEqual([])
  })

  test('a log under another key than the one that was pinned is refused, and nothing of it is good', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity')
    const { page, log } = opened
    await log.getByText('Newest checkpoint verified').waitFor()
    await page.route(/\/v1\/logs\/default$/, async (route) => {
      const response = await route.fetch()
      const { vkey } = (await server.ask('/v1/logs/acme')).json ?? {}
      const body = { ...(await response.json()), vkey: vkey ?? 'other+00000000+AQ==' }
      await route.fulfill({ response, json: body })
    })
    await page.reload()
    const alert = log.getByRole('alert')
    await alert.getByText('Verification failed').waitFor()
    await alert.getByText('This is not the log that this browser knows.').waitFor()
    expect(await log.getByText('Newest checkpoint verified').count()).toBe(0)
    await page
      .getByRole('row', { name: /^default / })
      .getByText('Failed')
      .waitFor()
  })

  test('a key that was rotated is told as that, because the pinned one vouches for it', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity')
    const { page, log } = opened
    await log.getByText('Newest checkpoint verified').waitFor()
    await server.post('/v1/logs/default/key', {})
    const { json } = await server.ask('/v1/logs/default')
    await page.reload()
    await log.getByText('Newest checkpoint verified').waitFor()
    await log.getByText(json.vkey, { exact: true }).first().waitFor()
    await log
      .getByText(/^the same key, first seen .*, rotated .*, and the key before vouches/)
      .waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('a receipt is downloaded, and verified again without the service; a forged one is refused', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity')
    const { page, context, log, receipts } = opened
    await log.getByText('Newest checkpoint verified').waitFor()
    await receipts.getByLabel('Event id').fill('nothing-of-the-kind')
    await receipts.getByRole('button', { name: 'Download receipt' }).click()
    await receipts.getByText(/There is no entry|no entry/i).waitFor()
    await receipts.getByLabel('Event id').fill('default-5')
    const downloading = page.waitForEvent('download')
    await receipts.getByRole('button', { name: 'Download receipt' }).click()
    const path = join(temporary.path, 'receipt.json')
    await (await downloading).saveAs(path)
    await context.setOffline(true)
    const file = receipts.getByLabel('Receipt file')
    await file.setInputFiles(path)
    await receipts.getByText('Verified: receipt.json').waitFor()
    await receipts.getByText(/^Entry 5 of the log default, received/).waitFor()
    await receipts.getByText('"id": "u_5"').waitFor()

    const receipt = readFileSync(path, 'utf8')
    const write = (name: string, text: string) => {
      writeFileSync(join(temporary.path, name), text)
      return join(temporary.path, name)
    }
    const members = JSON.parse(receipt)
    const forgeries = {
      'part.json': [receipt.replace('u_5', 'u_6'), 'A part of this entry was altered.'],
      'time.json': [
        JSON.stringify({ ...members, entry: members.entry.replace(/time \d/, 'time 2') }),
        'This entry is not in the signed log',
      ],
      'key.json': [
        JSON.stringify({
          ...members,
          proof: members.proof.replaceAll('indelible.invalid/', 'forger.invalid/'),
        }),
        'This is not the log that this browser knows.',
      ],
      'signature.json': [
        JSON.stringify({ ...members, proof: members.proof.replace(/\n20\n/, '\n21\n') }),
        'The log’s key did not sign this.',
      ],
      'text.json': ['<script>alert(1)</script>', 'This file is no receipt.'],
    }
    for (const [name, [text = '', why = '']] of Object.entries(forgeries)) {
      await file.setInputFiles(write(name, text))
      const alert = receipts.getByRole('alert')
      await alert.getByText(`Refused: ${name}`).waitFor()
      await alert.getByText(why).waitFor()
      expect(await receipts.getByText(/^Verified: /).count(), name).toBe(0)
    }
    expect(opened.mishaps).toEqual([])
  })

  test('checkpoints that the browser verified are remembered, with the size that each had', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity')
    const { page, log } = opened
    await log.getByText('1 checkpoint,').waitFor()
    await server.post('/v1/events', numberedEvents('default', 5, 100))
    await waitForSignature(server, 'default-104')
    await page.reload()
    await log.getByText('2 checkpoints').click()
    await log.getByText('25 entries', { exact: true }).waitFor()
    await log.getByText('20 entries', { exact: true }).waitFor()
    await log.getByRole('img', { name: 'From 20 to 25 entries in 2 checkpoints' }).waitFor()
  })

  test('a checkpoint that is older than any should be is told', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity')
    const { page, log } = opened
    await log.getByText('Newest checkpoint verified').waitFor()
    expect(await log.getByText('Older than it should be').count()).toBe(0)
    await page.clock.setFixedTime(Date.now() + 3_600_000)
    await log.getByRole('alert').getByText('Older than it should be').waitFor()
  })

  test('who only reads sees what holds for their logs, starts no audit, and has no service page', async () => {
    await using server = await startFilled()
    await server.post('/v1/events', numberedEvents('acme', 3))
    const password = 'correct horse battery staple'
    const user = { username: 'reads', role: 'auditor', tenants: ['acme'], password }
    await server.post('/v1/users', user)
    tamper(server.folder, changeEntry)
    await server.ask('/v1/audits', { method: 'POST' })
    await expect.poll(async () => (await server.ask('/v1/audits')).json.last?.ok).toBe(false)
    await using opened = await enter(server, '/integrity', looks[0], [user.username, password])
    const { page, selfAudit } = opened
    await selfAudit.getByText('3 entries of 1 log audited, nothing wrong.').waitFor()
    expect(await page.getByRole('button', { name: 'Audit now' }).count()).toBe(0)
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Service' }).count()).toBe(0)
    await page.goto(`${server.url}/console/service`)
    await page.getByText('You may not open “Service”').waitFor()
  })

  test('the service page follows the figures, and says when the service no longer answers', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/service')
    const { page } = opened
    await page.getByText('All is fine').waitFor()
    const intake = page.getByRole('region', { name: 'Intake' })
    const readAppended = async () => (await server.ask('/v1/service')).json.appended
    const before = await readAppended()
    await intake.getByText(before.toLocaleString('en'), { exact: true }).waitFor()
    await server.post('/v1/events', numberedEvents('default', 1_000, 1_000))
    await intake.getByText((await readAppended()).toLocaleString('en'), { exact: true }).waitFor()
    await page.getByRole('region', { name: 'Store' }).getByText(server.folder).waitFor()
    for (const path of ['/metrics', '/docs', '/openapi.json']) {
      const link = page.getByRole('link', { name: path, exact: true })
      expect(await link.getAttribute('href')).toBe(path)
      expect((await server.ask(path)).status).toBe(200)
    }
    await opened.context.setOffline(true)
    await page.getByRole('alert').getByText('The service does not answer').waitFor()
    await opened.context.setOffline(false)
    await page.getByRole('alert').waitFor({ state: 'detached' })
    expect(opened.mishaps).toEqual([])
  })

  test('a log that is not signed any more stops the word “fine”, with its reason', async () => {
    await using server = await startFilled()
    await using opened = await enter(server, '/service')
    const { page } = opened
    await page.getByText('All is fine').waitFor()
    await page.route(/\/v1\/service$/, async (route) => {
      const response = await route.fetch()
      const body = await response.json()
      const refusals = [{ tenant: 'acme', reason: 'The log was rolled back.' }]
      await route.fulfill({
        response,
        json: { ...body, signing: { signs: true, refusals }, index: { behind: 9, behindMax: 10 } },
      })
    })
    await page.getByRole('alert').getByText('Something has stopped').waitFor()
    const signing = page.getByRole('region', { name: 'Signing' })
    await signing.getByText('The log was rolled back.').waitFor()
    await signing.getByText('stopped', { exact: true }).waitFor()
    const index = page.getByRole('region', { name: 'Search index' })
    await index.getByText('slow', { exact: true }).waitFor()
  })

  test.each(looks)('axe finds nothing against either page, $colours, $width wide', async (look) => {
    await using server = await startFilled()
    await using opened = await enter(server, '/integrity', look)
    const { page, log, receipts, selfAudit } = opened
    await log.getByText('Newest checkpoint verified').waitFor()
    await assertAccessible(opened, 'no audit yet')
    await auditNow(opened, server)
    await selfAudit.getByText('All is well').waitFor()
    const { text } = await server.ask('/v1/events/default-5/receipt')
    const file = receipts.getByLabel('Receipt file')
    const take = (name: string, content: string) =>
      file.setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) })
    await take('good.json', text)
    await receipts.getByText('Verified: good.json').waitFor()
    await assertAccessible(opened, 'audited, a good receipt')
    tamper(server.folder, changeEntry)
    await auditNow(opened, server)
    await selfAudit.getByText('1 fault found').waitFor()
    await take('forged.json', text.replace('u_5', 'u_6'))
    await receipts.getByText('Refused: forged.json').waitFor()
    await assertAccessible(opened, 'a failed audit, a forged receipt')
    await page.goto(`${server.url}/console/service`)
    await page.getByText('All is fine').waitFor()
    await page.getByRole('link', { name: 'See what' }).waitFor()
    await assertAccessible(opened, 'service')
  })
})
