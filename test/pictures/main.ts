import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createTemporaryFolder,
  startBrowser,
  startTestServer,
  type TestServer,
  tamper,
  testAdminPassword,
  testRootKey,
} from '@indelible/testkit'
import type { Browser, Page } from 'playwright-core'
import { fillForPictures } from './fill.ts'

/**
 * `npm run pictures`: takes the docs' pictures of the console anew, each page in light and dark, on a
 * desktop and on a phone, from a service of its own with the sample that comes along.
 */

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'docs/images/console')
const desktop = { width: 1280, height: 800 }
const phone = { width: 390, height: 800 }
const looks = [
  { name: 'light', colorScheme: 'light', viewport: desktop },
  { name: 'dark', colorScheme: 'dark', viewport: desktop },
  { name: 'phone', colorScheme: 'light', viewport: phone },
  { name: 'phone-dark', colorScheme: 'dark', viewport: phone },
] as const
type Look = (typeof looks)[number]

interface Picture {
  readonly name: string
  readonly path: string
  /** What there is once the page is all there; whatever has to be done for it is done. */
  readonly ready: (page: Page) => Promise<unknown>
}

const heading = (name: string) => (page: Page) =>
  page.getByRole('heading', { level: 1, name }).waitFor()
const text = (words: string | RegExp) => (page: Page) =>
  page.getByText(words).filter({ visible: true }).first().waitFor()
const rows = (page: Page) => page.locator('[role=grid][aria-busy=false] .row').first().waitFor()
const openFirst = (verdict: string) => async (page: Page) => {
  await rows(page)
  await page.locator('[role=grid] .row').first().click()
  await text(verdict)(page)
}
const pictures: readonly Picture[] = [
  { name: 'events', path: '/events', ready: rows },
  {
    name: 'event',
    path: '/events?q=action:cloudtrail.StopLogging',
    ready: openFirst('Verified in this browser'),
  },
  { name: 'nothing-found', path: '/events?q=action:of.no.kind', ready: text('Nothing fits') },
  { name: 'faulty-query', path: '/events?q=action:(iam', ready: text(/column 8/i) },
  {
    name: 'export',
    path: '/events?q=action:iam.*',
    async ready(page) {
      await rows(page)
      await page.getByRole('button', { name: /^Export/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'integrity', path: '/integrity?log=aws', ready: text('Verified in this browser') },
  { name: 'service', path: '/service', ready: heading('Service') },
  { name: 'tenants', path: '/administration/tenants', ready: text('Acme Ltd') },
  { name: 'users', path: '/administration/users', ready: text('auditor') },
  { name: 'keys', path: '/administration/keys', ready: text('billing service') },
  { name: 'viewer-links', path: '/administration/viewer-links', ready: heading('Viewer links') },
  { name: 'redaction', path: '/administration/redaction', ready: text('case-number') },
  { name: 'schemas', path: '/administration/schemas?tenant=acme', ready: text('invoice.paid') },
]

const afterTampering: readonly Picture[] = [
  {
    name: 'event-refused',
    path: '/events?q=action:cloudtrail.StopLogging',
    ready: openFirst('Verification failed'),
  },
  { name: 'audit-failed', path: '/integrity?log=aws', ready: text(/faults? found/) },
]

/** What moves would be another picture each time. */
async function take(page: Page, name: string, look: Look): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate('document.fonts.ready')
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 })
  writeFileSync(join(folder, `${name}-${look.name}.webp`), Buffer.from(data, 'base64'))
  await session.detach()
}

async function enter(browser: Browser, look: Look): Promise<Page> {
  const { colorScheme, viewport } = look
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
  return context.newPage()
}

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(testAdminPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function takeAll(
  browser: Browser,
  server: TestServer,
  look: Look,
  list: readonly Picture[],
): Promise<void> {
  const page = await enter(browser, look)
  await page.goto(`${server.url}/console`)
  await page.getByLabel('Username').waitFor()
  await take(page, 'sign-in', look)
  await signIn(page, 'admin')
  await rows(page)
  for (const { name, path, ready } of list) {
    await page.goto(`${server.url}/console${path}`)
    await ready(page)
    await take(page, name, look)
  }
  await page.context().close()
}

/** What those see who may not read, and a customer. */
async function takeOthers(
  browser: Browser,
  server: TestServer,
  look: Look,
  token: string,
): Promise<void> {
  const writer = await enter(browser, look)
  await writer.goto(`${server.url}/console`)
  await signIn(writer, 'only-writes')
  await heading('You may not read events')(writer)
  await writer.reload()
  await heading('You may not read events')(writer)
  await take(writer, 'no-permission', look)
  await writer.context().close()
  const customer = await enter(browser, look)
  await customer.goto(`${server.url}/embed#token=${token}`)
  await rows(customer)
  await take(customer, 'viewer', look)
  await customer.context().close()
}

execFileSync(process.execPath, [join(root, 'scripts/build-console.ts'), '--if-needed'], {
  stdio: 'inherit',
})
mkdirSync(folder, { recursive: true })
using data = createTemporaryFolder()
const browser = await startBrowser()
try {
  const server = await startTestServer({ folder: data.path })
  const token = await fillForPictures(server, { root, key: testRootKey })
  for (const look of looks) {
    await takeAll(browser, server, look, pictures)
    await takeOthers(browser, server, look, token)
  }
  await server.stop()
  // Somebody with the data folder changes who did it.
  tamper(data.path, `UPDATE entry SET actor = replace(actor, 'maria.lindqvist', 'tomas.okafor')`)
  await using tampered = await startTestServer({ folder: data.path })
  await tampered.ask('/v1/audits', { method: 'POST' })
  for (const look of looks) await takeAll(browser, tampered, look, afterTampering)
} finally {
  await browser.close()
}
