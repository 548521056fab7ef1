import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type TestServer, testAdminPassword } from '@indelible/testkit'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

const locateBuilder = (of: string): string =>
  fileURLToPath(new URL(`../../scripts/build-${of}.ts`, import.meta.url))
const build = (of: string): void =>
  void execFileSync(process.execPath, [locateBuilder(of), '--if-needed'], { stdio: 'inherit' })

/** The console as a person has it open. Disposing closes the browser's window. */
export interface OpenConsole extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /**
   * What must never happen, as it happened: a dialog, a breach of the policy, a script's error,
   * a request to anybody but the service.
   */
  readonly mishaps: readonly string[]
  readonly search: Locator
  readonly details: Locator
  /** Rows of the results, without those of the head. */
  readonly rows: Locator
  signIn(username?: string, password?: string): Promise<void>
  /** Types a query into the search field, with its Enter. */
  find(query: string): Promise<void>
}

const reportBreaches = `addEventListener('securitypolicyviolation', (breach) =>
  console.error('policy: ' + breach.violatedDirective + ' ' + breach.blockedURI))`

/** Builds the console if it is older than its sources. */
export const buildConsole = (): void => build('console')

/** The same of the site of the documents. */
export const buildGuide = (): void => build('guide')

export async function openConsole(options: {
  readonly browser: Browser
  readonly server: Pick<TestServer, 'url'>
  readonly path?: string
  readonly size?: { readonly width: number; readonly height: number }
  readonly colours?: 'light' | 'dark'
}): Promise<OpenConsole> {
  const { browser, server, size = { width: 1280, height: 800 }, colours = 'light' } = options
  const context = await browser.newContext({
    viewport: size,
    colorScheme: colours,
    reducedMotion: 'reduce',
  })
  await context.addInitScript({ content: reportBreaches })
  const page = await context.newPage()
  const mishaps: string[] = []
  page.on('dialog', (dialog) => {
    mishaps.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => mishaps.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (/^policy: |Content Security Policy/.test(message.text())) mishaps.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${server.url}/`) && !url.startsWith('data:')) mishaps.push(`to: ${url}`)
  })
  await page.goto(`${server.url}${options.path ?? '/'}`)
  const search = page.getByRole('searchbox', { name: 'Search events' })
  return {
    page,
    context,
    mishaps,
    search,
    details: page.getByRole('region', { name: 'Event details' }),
    rows: page.getByRole('row').filter({ hasNot: page.getByRole('columnheader') }),
    async signIn(username = 'admin', password = testAdminPassword) {
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async find(query) {
      await search.fill('')
      await search.pressSequentially(query)
      await search.press('Enter')
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}
