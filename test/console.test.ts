import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  createTemporaryFolder,
  hasChromium,
  startBrowser,
  startTestServer,
  type TestServer,
  tamper,
  testRootKey,
} from '@indelible/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weighFirstPage } from '../scripts/build-console.ts'
import { buildConsole, type OpenConsole, openConsole } from './console/open-console.ts'

const root = join(import.meta.dirname, '..')
const sample = join(root, 'packages/testkit/samples/cloudtrail.ndjson')

/** CloudTrail records of a few people, by the command that a person would use. */
async function importSample({ url }: TestServer): Promise<void> {
  const words = ['import', '--from', 'cloudtrail', '--json', '--url', url, sample]
  const env = { ...process.env, INDELIBLE_KEY: testRootKey }
  const command = join(root, 'packages/cli/bin/indelible.mjs')
  await promisify(execFile)(process.execPath, [command, ...words], { env })
}

/** Waits until a checkpoint covers it. */
const sign = async (server: TestServer, id: string): Promise<void> =>
  expect((await server.ask(`/v1/events/${id}/receipt`)).status).toBe(200)

/** Goes on by the keyboard until the focus is there. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
  }
  throw new Error(`The keyboard does not reach ${selector}.`)
}

const stopLogging = 'fb0bff7a-3370-412f-95f7-22aa5757a296'

describe.skipIf(!hasChromium())('the console in a browser', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer()
    await importSample(server)
    await sign(server, stopLogging)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  test('the first page loads less than 200 KB of script', () => {
    expect(weighFirstPage()).toBeLessThan(200 * 1_024)
  })

  const enter = async (at: TestServer = server, path = '/'): Promise<OpenConsole> => {
    const opened = await openConsole({ browser, server: at, path })
    await opened.signIn()
    await opened.search.waitFor()
    return opened
  }

  test('nobody sees anything before a sign-in, and a wrong password opens nothing', async () => {
    await using opened = await openConsole({ browser, server })
    const { page, search } = opened
    // Masked, and for a password manager to fill in.
    const field = page.locator('input[name=password]')
    expect(await field.getAttribute('type')).toBe('password')
    expect(await field.getAttribute('autocomplete')).toBe('current-password')
    await opened.signIn('admin', 'a wrong password')
    await page.getByRole('alert').waitFor()
    expect(await search.count()).toBe(0)
    expect(await page.getByText('cloudtrail').count()).toBe(0)
    await opened.signIn()
    await search.waitFor()
    expect(await page.evaluate('document.cookie')).toBe('')
    const kept = await page.evaluate('JSON.stringify([localStorage, sessionStorage])')
    expect(kept).not.toMatch(/eyJ/)
    expect(opened.mishaps).toEqual([])
  })

  test('an event is found by typing only, opened, and proven by the browser itself', async () => {
    await using opened = await openConsole({ browser, server })
    const { page, details, rows, search } = opened
    await page.getByLabel('Username').waitFor()
    // From here on no mouse, and no focus but the keyboard's own.
    await page.keyboard.type('admin')
    await page.keyboard.press('Tab')
    await page.keyboard.type('correct horse battery staple')
    await page.keyboard.press('Enter')
    await search.waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('action:cloudtrail.StopLogging')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows.count()).toBe(1)
    await tabTo(page, '[role=row]')
    await page.keyboard.press('Enter')
    await details.getByText('Verified in this browser').waitFor()
    const text = await details.innerText()
    for (const shown of ['maria.lindqvist', 'cloudtrail.StopLogging', 'main']) {
      expect(text).toContain(shown)
    }
    expect(opened.mishaps).toEqual([])
  })

  test('from an event its actor is followed, and a link shows another person the same', async () => {
    await using opened = await enter()
    const { page, details, rows } = opened
    await opened.find('action:cloudtrail.StopLogging')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().click()
    await details.getByRole('link', { name: 'Same actor' }).click()
    const expected = (await server.ask('/v1/events?actor.id=maria.lindqvist')).json.entries.length
    await expect.poll(() => rows.count()).toBe(expected)
    const texts = await rows.allInnerTexts()
    expect(texts.filter((text) => text.includes('maria.lindqvist'))).toHaveLength(expected)

    const path = page.url().slice(server.url.length)
    await using other = await openConsole({ browser, server, path })
    await other.signIn()
    await expect.poll(() => other.rows.count()).toBe(expected)
    expect(other.page.url()).toBe(page.url())
  })

  test('a fault of the grammar is told at its column, and the next query works', async () => {
    await using opened = await enter()
    await opened.find('action:(iam')
    await opened.page
      .getByText(/column 8/i)
      .first()
      .waitFor()
    await opened.find('action:iam.CreateUser')
    await expect.poll(() => opened.rows.count()).toBe(1)
  })

  test('a new event arrives live, where the filter lets it through', async () => {
    await using opened = await enter()
    const { page, rows } = opened
    await opened.find('actor:u_live')
    await expect.poll(() => rows.count()).toBe(0)
    const [followed] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/v1/stream')),
      page.getByRole('button', { name: 'Live', exact: true }).click(),
    ])
    expect(followed.status()).toBe(200)
    await server.post('/v1/events', { action: 'door.opened', actor: { id: 'u_other' } })
    await server.post('/v1/events', { action: 'door.closed', actor: { id: 'u_live' } })
    await rows.filter({ hasText: 'door.closed' }).waitFor()
    expect(await rows.filter({ hasText: 'door.opened' }).count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('a sign-out ends it, here and in the other window', async () => {
    await using opened = await enter()
    const second = await opened.context.newPage()
    await second.goto(`${server.url}/console`)
    await second.getByRole('searchbox').waitFor()
    await opened.page.getByRole('button', { name: /account|admin/i }).click()
    await opened.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await opened.page.getByLabel('Username').waitFor()
    await second.reload()
    await second.getByLabel('Username').waitFor()
  })

  test('a sign-out that failed does not look like one', async () => {
    await using opened = await enter()
    const { page } = opened
    await page.route('**/v1/logout', (route) => route.abort())
    await page.getByRole('button', { name: /account|admin/i }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('alert').filter({ hasText: 'Still signed in' }).waitFor()
    await page.getByRole('searchbox').waitFor()
  })

  test('what was altered in the data folder is refused by the browser', async () => {
    using folder = createTemporaryFolder()
    {
      await using first = await startTestServer({ folder: folder.path })
      await importSample(first)
      await sign(first, stopLogging)
    }
    // Whoever wants the attempt to look like another’s.
    tamper(
      folder.path,
      `UPDATE entry SET actor = replace(actor, 'maria.lindqvist', 'tomas.okafor')
       WHERE core LIKE '%cloudtrail.StopLogging%'`,
    )
    await using changed = await startTestServer({ folder: folder.path })
    await using opened = await enter(changed)
    await opened.find('action:cloudtrail.StopLogging')
    await expect.poll(() => opened.rows.count()).toBe(1)
    await opened.rows.first().click()
    await opened.details.getByRole('button', { name: 'tomas.okafor' }).first().waitFor()
    await opened.details.getByText('Verification failed').waitFor()
    expect(await opened.details.getByText('Verified in this browser').count()).toBe(0)
    // Its neighbours are still what they were.
    await opened.find('action:iam.CreateUser')
    await opened.rows.filter({ hasText: 'iam.CreateUser' }).click()
    await opened.details.getByText('Verified in this browser').waitFor()
  })

  test('a history that was rewritten and signed anew is refused by a browser that saw the old one', async () => {
    using folder = createTemporaryFolder()
    let first = await startTestServer({ folder: folder.path })
    const config = { port: Number(new URL(first.url).port) }
    await importSample(first)
    await sign(first, stopLogging)
    await using opened = await enter(first)
    await opened.find('action:cloudtrail.StopLogging')
    await opened.rows.first().click()
    await opened.details.getByText('Verified in this browser').waitFor()
    await first.stop()
    // Whoever holds the host and its seed: every row goes, and a tidier past comes instead.
    tamper(folder.path, 'DELETE FROM guard', 'guard.db')
    tamper(
      folder.path,
      `DELETE FROM entry; DELETE FROM entry_id; DELETE FROM node; DELETE FROM checkpoint;
       UPDATE log SET size = 0, received = 0, edge = x''`,
    )
    first = await startTestServer({ folder: folder.path, config })
    await using rewritten = first
    const tidier = Array.from({ length: 60 }, (_, n) => ({
      ...{ id: `tidy-${n}`, action: 'nothing.happened', actor: { id: 'maria.lindqvist' } },
    }))
    await rewritten.post('/v1/events', tidier)
    await sign(rewritten, 'tidy-59')
    await opened.page.goto(`${rewritten.url}/console`)
    await opened.find('action:nothing.happened')
    await opened.rows.first().click()
    await opened.details.getByText('Verification failed').waitFor()
    // Entry, signature and inclusion are sound: only who saw the old log can tell.
    const failed = opened.details.getByRole('listitem').filter({ hasText: 'only grew' })
    await failed.getByRole('img', { name: 'failed' }).waitFor()
  })
})
