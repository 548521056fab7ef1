import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible } from './console/accessible.ts'
import { buildConsole, buildGuide, openConsole } from './console/open-console.ts'

describe.skipIf(!hasChromium())('the documentation in a browser', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    buildGuide()
    browser = await startBrowser()
    server = await startTestServer()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  test('the page of the API shows what can be asked, and calls it', async () => {
    await using opened = await openConsole({ browser, server, path: '/docs' })
    const { page } = opened
    const health = page.locator('#operations-service-readHealth')
    await health.getByRole('button').first().click()
    await health.getByRole('button', { name: 'Try it out' }).click()
    await health.getByRole('button', { name: 'Execute' }).click()
    await health.locator('.live-responses-table').getByText('200').first().waitFor()
    expect(opened.mishaps).toEqual([])
  })

  const openGuide = async (
    path: string,
    size = { width: 1280, height: 800 },
    colours: 'light' | 'dark' = 'light',
  ) => {
    const opened = await openConsole({
      browser,
      server,
      path: `/docs/guide/${path}`,
      size,
      colours,
    })
    // Until its script has begun, the page is there to be read, and no button does anything.
    const hasBegun = () => opened.page.evaluate("'__vue_app__' in document.querySelector('#app')")
    await expect.poll(hasBegun).toBe(true)
    return opened
  }

  test('from the first page a reader comes to any other, and back to the console', async () => {
    await using opened = await openGuide('')
    const { page } = opened
    await page.getByRole('link', { name: 'Your first trail' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Your first trail' }).waitFor()
    await page.getByRole('link', { name: 'Settings', exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    expect(page.url()).toBe(`${server.url}/docs/guide/reference/settings`)
    await page.getByRole('link', { name: 'Console', exact: true }).first().click()
    await page.getByLabel('Username').waitFor()
    expect(opened.mishaps).toEqual([])
  })

  test('words are searched for in the browser, and lead to the place where they are', async () => {
    await using opened = await openGuide('reference/cli')
    const { page } = opened
    await page.getByRole('button', { name: 'Search' }).first().click()
    await page.getByRole('searchbox').fill('cosignature')
    await page.getByRole('option').first().click()
    await expect.poll(() => page.locator('.vp-doc').innerText()).toContain('cosignature')
    expect(opened.mishaps).toEqual([])
  })

  test('it is dark or light as the reader likes, and stays so', async () => {
    await using opened = await openGuide('how-to/client')
    const { page } = opened
    const isDark = () => page.evaluate("document.documentElement.classList.contains('dark')")
    expect(await isDark()).toBe(false)
    await page.getByRole('switch').first().click()
    await page.reload()
    expect(await isDark()).toBe(true)
    expect(opened.mishaps).toEqual([])
  })

  test.each(['', 'how-to/web-frameworks', 'reference/settings', 'explanation/evidence'])(
    'on a phone the page "%s" is as wide as the phone',
    async (path) => {
      await using opened = await openGuide(path, { width: 390, height: 844 })
      await opened.page.getByRole('heading', { level: 1 }).first().waitFor()
      const beyond = await opened.page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(beyond).toBe(0)
      expect(opened.mishaps).toEqual([])
    },
  )

  test.each(['light', 'dark'] as const)('everybody can read a page, in %s', async (colours) => {
    await using opened = await openGuide('reference/settings', undefined, colours)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    await assertAccessible(opened, colours)
  })

  test('a page that is not there says so, and nothing is run inline', async () => {
    const none = await server.ask('/docs/guide/how-to/none')
    expect([none.status, none.headers.get('content-type')]).toEqual([
      404,
      'text/html; charset=utf-8',
    ])
    await using opened = await openGuide('how-to/none')
    await opened.page.getByText('404').first().waitFor()
    expect(opened.mishaps).toEqual([])
  })
})
