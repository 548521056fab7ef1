import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildConsole, openConsole } from './console/open-console.ts'

describe.skipIf(!hasChromium())('the documentation in a browser', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
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
})
