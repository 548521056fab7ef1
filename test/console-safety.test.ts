import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible } from './console/accessible.ts'
import { findIntruders } from './console/find-intruders.ts'
import { hostileEvent } from './console/hostile-events.ts'
import { buildConsole, openConsole } from './console/open-console.ts'
import { payloads } from './console/payloads.ts'

describe.skipIf(!hasChromium())('the console', () => {
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

  const enter = async (options: Partial<Parameters<typeof openConsole>[0]> = {}) => {
    const opened = await openConsole({ browser, server, ...options })
    await opened.signIn()
    await opened.search.waitFor()
    return opened
  }

  test(`${payloads.length} hostile texts stay text in every field of an event (X-01, X-02, X-03, X-06)`, async () => {
    const sent = await server.post('/v1/events', payloads.map(hostileEvent))
    expect([sent.status, sent.text]).toEqual([201, expect.any(String)])
    await using opened = await enter({ path: '/console/events?q=id%3Axss-*' })
    const { page, details, rows, search } = opened
    await rows.first().waitFor()
    // Newest first: down the list, each event in turn.
    await rows.first().click()
    for (const [n, payload] of [...payloads.entries()].reverse()) {
      const id = `xss-${n}`
      await details.getByText(id, { exact: true }).first().waitFor()
      // What a reader could not see is shown as something they can.
      const isVisible = /^[\x20-\x7e]+$/.test(payload)
      const title = await details.getByRole('heading', { level: 2 }).innerText()
      expect(title, id).toEqual(isVisible ? payload : expect.stringContaining('alert('))
      expect(await findIntruders(page), id).toEqual([])
      await page.keyboard.press('ArrowDown')
    }
    for (const field of ['action', 'actor', 'target', 'source']) {
      await search.fill('')
      await search.pressSequentially(`${field}:`)
      await page.getByRole('option').first().waitFor()
      expect(await findIntruders(page), field).toEqual([])
    }
    await opened.find(`actor:"${payloads[0]}"`)
    await expect.poll(() => rows.count()).toBe(1)
    for (const query of [payloads[0], payloads.join(' ')]) {
      await page.goto(`${server.url}/console/events?q=${encodeURIComponent(query ?? '')}`)
      await page.getByRole('alert').first().waitFor()
      expect(await findIntruders(page)).toEqual([])
    }
    expect(opened.mishaps).toEqual([])
  }, 120_000)

  test('an event as large as may be, or of as many members, is shown in a page that stays small (X-07)', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key-${n}`, n]))
    const deep = Array.from({ length: 8 }, () => many)
    const large = { action: 'large.event', actor: { id: 'u_large' } }
    const sent = await server.post('/v1/events', [
      { ...large, id: 'large-text', data: { text: 'x '.repeat(125_000) } },
      { ...large, id: 'large-object', data: { many, deep } },
    ])
    expect([sent.status, sent.text]).toEqual([201, expect.any(String)])
    await using opened = await enter({ path: '/console/events?q=action%3Alarge.event' })
    const { page, details, rows } = opened
    await expect.poll(() => rows.count()).toBe(2)
    for (const id of ['large-object', 'large-text']) {
      await rows.nth(id === 'large-object' ? 0 : 1).click()
      await details.getByText(id, { exact: true }).first().waitFor()
      expect(await page.locator('*').count(), id).toBeLessThan(15_000)
      await page.keyboard.press('Escape')
      await details.waitFor({ state: 'hidden' })
    }
    expect(opened.mishaps).toEqual([])
  })

  test('no other site, and no neighbour on another port, acts for who is signed in (S-05)', async () => {
    await using neighbour = await startNeighbour()
    await using opened = await enter()
    const before = (await server.ask('/v1/users')).json
    for (const host of ['127.0.0.1', 'localhost']) {
      const page = await opened.context.newPage()
      await page.goto(`http://${host}:${neighbour.port}/`)
      const heard = await page.evaluate(attack(server.url))
      expect(heard).toEqual(['opaque', 'opaque', 'opaque', 'refused', 'refused', 'refused'])
      await submitForms(page, server.url)
      await page.close()
    }
    expect((await server.ask('/v1/users')).json).toEqual(before)
    await opened.page.reload()
    await opened.search.waitFor()
  })

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('axe finds nothing against any state of it, %s, %s wide', async (colours, width) => {
    const event = {
      ...{ id: `axe-${colours}-${width}`, action: 'invoice.changed', actor: { id: 'u_axe' } },
      ...{ targets: [{ type: 'invoice', id: '42' }], outcome: 'denied' },
      changes: { before: { total: 1, kept: true }, after: { total: 2, kept: true } },
    }
    await server.post('/v1/events', event)
    const { promise: searched, resolve: endSearch } = Promise.withResolvers<void>()
    const size = { width, height: 800 }
    await using opened = await openConsole({ browser, server, size, colours })
    await opened.page.getByLabel('Username').waitFor()
    await assertAccessible(opened, 'sign-in')
    await opened.signIn()
    await opened.search.waitFor()
    await opened.rows.first().waitFor()
    await opened.page.route(/v1\/events\?/, async (route) => {
      await searched
      await route.continue()
    })
    await opened.find(`id:${event.id}`)
    await opened.page.locator('[role=grid][aria-busy=true]').waitFor()
    await assertAccessible(opened, 'searching')
    endSearch()
    await expect.poll(() => opened.rows.count()).toBe(1)
    await assertAccessible(opened, 'results')
    await opened.rows.first().click()
    await opened.details.getByText('Verified in this browser').waitFor()
    await assertAccessible(opened, 'details')
    await opened.page.keyboard.press('Escape')
    await opened.find('id:nothing-of-the-kind')
    await expect.poll(() => opened.rows.count()).toBe(0)
    await assertAccessible(opened, 'nothing found')
    await opened.find('action:(')
    await opened.page
      .getByText(/column 8/i)
      .first()
      .waitFor()
    await assertAccessible(opened, 'faulty query')
  })

  test('who may not read is told so, accessibly, and gets out again', async () => {
    const password = 'correct horse battery staple'
    const user = { username: 'only-writes', role: 'writer', tenants: ['default'], password }
    await server.post('/v1/users', user)
    await using opened = await openConsole({ browser, server })
    await opened.signIn(user.username, password)
    await opened.page
      .getByText(/not allowed|may not|permission/i)
      .first()
      .waitFor()
    await assertAccessible(opened, 'no permission')
    expect(opened.mishaps).toEqual([])
  })
})

/** A page of somebody else's, which the same browser has open. */
async function startNeighbour() {
  const page = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Win</title>'),
  )
  await new Promise<void>((resolve) => page.listen(0, resolve))
  return {
    port: (page.address() as AddressInfo).port, // it listens on TCP
    [Symbol.asyncDispose]: async () => {
      page.closeAllConnections()
      page.close()
    },
  }
}

const strangers = { username: 'stranger', role: 'admin', tenants: ['*'], password: 'correct horse' }

/** What a script elsewhere can try; each tells whether an answer came that it could read. */
const attack = (url: string): string => `(async () => {
  const body = ${JSON.stringify(JSON.stringify(strangers))}
  const attempt = (path, init) =>
    fetch(${JSON.stringify(url)} + path, { credentials: 'include', ...init }).then(
      ({ type }) => type,
      () => 'refused',
    )
  const simple = { method: 'POST', mode: 'no-cors', body }
  const json = { 'content-type': 'application/json' }
  return [
    await attempt('/v1/users', simple),
    await attempt('/v1/logout', { method: 'POST', mode: 'no-cors' }),
    await attempt('/v1/events', { mode: 'no-cors' }),
    await attempt('/v1/users', { method: 'POST', body, headers: { ...json, 'indelible-console': '1' } }),
    await attempt('/v1/logout', { method: 'POST', headers: { 'indelible-console': '1' } }),
    await attempt('/v1/events', {}),
  ]
})()`

/** Forms are sent wherever they say, with whatever text a field makes of JSON. */
async function submitForms(page: Page, url: string): Promise<void> {
  for (const [path, type] of [
    ['/v1/logout', 'application/x-www-form-urlencoded'],
    ['/v1/users', 'text/plain'],
    ['/v1/login', 'text/plain'],
  ]) {
    const back = page.url()
    await page.setContent(
      `<form method="post" enctype="${type}" action="${url}${path}"><input name='{"x":"' value='"}'></form>`,
    )
    await page.evaluate('document.forms[0].submit()')
    await page.waitForURL(`${url}${path}`)
    expect(await page.locator('body').innerText()).toMatch(/"status":4\d\d/)
    await page.goto(back)
  }
}
