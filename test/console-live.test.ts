import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildConsole, type OpenConsole, openConsole } from './console/open-console.ts'

const makeEvents = (count: number, tenant: string, action = 'door.opened') =>
  Array.from({ length: count }, (_, n) => ({ action, actor: { id: `u_${n}` }, tenant }))

describe.skipIf(!hasChromium())('the events page, live', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer()
    await server.post('/v1/events', [...makeEvents(160, 'one'), ...makeEvents(160, 'two')])
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const enter = async (path: string): Promise<OpenConsole> => {
    const opened = await openConsole({ browser, server, path })
    await opened.signIn()
    await opened.rows.first().waitFor()
    return opened
  }

  const goLive = ({ page }: OpenConsole) =>
    page.getByRole('button', { name: 'Live', exact: true }).click()

  test('all logs are followed by asking for what is new alone, however much is loaded', async () => {
    await using opened = await enter('/console/events?tenant=*')
    const { page, rows } = opened
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/v1/events?')) asked.push(request.url())
    })
    const further = () => asked.filter((url) => url.includes('cursor=')).length
    const listed = () =>
      page.locator('.grid-body').evaluate((element) => element.getBoundingClientRect().height / 36)
    await rows.first().focus()
    await expect
      .poll(async () => {
        await page.keyboard.press('End')
        return listed()
      })
      .toBe(320)
    expect(further()).toBe(3)
    await goLive(opened)
    // Once, as it begins, the list is read again.
    await expect.poll(further).toBe(6)
    const polls = asked.length
    await expect.poll(() => asked.length).toBeGreaterThanOrEqual(polls + 3)
    expect(further()).toBe(6)
    await rows.first().focus()
    await page.keyboard.press('Home')
    await server.post('/v1/events', [
      ...makeEvents(1, 'two', 'gate.opened'),
      ...makeEvents(230, 'one', 'window.opened'),
      ...makeEvents(1, 'one', 'gate.closed'),
    ])
    // More than a page came at once: they are all there, each once.
    await rows.filter({ hasText: 'gate.closed' }).waitFor()
    expect(await listed()).toBe(552)
    await goLive(opened)
    await page.getByRole('button', { name: 'Live', pressed: false }).waitFor()
    expect(await listed()).toBe(552)
    expect(opened.mishaps).toEqual([])
  })

  test('of very many that come the newest are kept, and the foot says so', async () => {
    await using opened = await enter('/console/events?tenant=two&q=action:door.*,rush.*')
    const { page, rows } = opened
    const streaming = page.waitForResponse((response) => response.url().includes('/v1/stream'))
    await goLive(opened)
    await streaming
    const rush = makeEvents(5_200, 'two', 'rush.hour').map((event, n) => ({
      ...event,
      id: `r-${n}`,
    }))
    expect((await server.post('/v1/events', rush)).status).toBe(201)
    const note = page.getByText('Live keeps the newest 5,000 events.')
    await note.waitFor({ state: 'attached' })
    await rows.first().focus()
    await page.keyboard.press('End')
    await note.waitFor()
    await goLive(opened)
    await expect.poll(() => note.count()).toBe(0)
    await rows.first().waitFor()
  })
})
