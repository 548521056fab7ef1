import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible, looks } from './console/accessible.ts'
import { buildConsole, openConsole } from './console/open-console.ts'
import { payloads } from './console/payloads.ts'

describe.skipIf(!hasChromium())('the administration pages', () => {
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

  const enter = async (path: string, look: (typeof looks)[number] = looks[0]) => {
    const { colours, width } = look
    const size = { width, height: 800 }
    const opened = await openConsole({ browser, server, path: `/console${path}`, size, colours })
    await opened.signIn()
    return opened
  }

  test('a key is made, shown once, good for an append, revoked, and refused from then on', async () => {
    await using opened = await enter('/events')
    const { page } = opened
    await page.getByRole('link', { name: 'Administration' }).click()
    await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('billing service')
    await page.getByRole('textbox', { name: 'Tenants' }).fill('acme')
    await page.getByRole('button', { name: 'Create key' }).click()
    const shown = page.getByRole('dialog', { name: 'Keep the key now' })
    const key = await shown.getByRole('region', { name: 'API key' }).locator('pre').innerText()
    expect(key).toMatch(/^ind_/)
    await page.keyboard.press('Escape')
    await shown.getByRole('button', { name: 'I have kept it' }).click()
    await shown.waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: 'billing service' })
    await row.waitFor()
    expect(await page.locator('body').innerText()).not.toContain(key)
    const append = async () => {
      const event = { action: 'key.used', actor: { id: 'u_1' } }
      return (await server.post('/v1/events', event, { authorization: `Bearer ${key}` })).status
    }
    expect(await append()).toBe(201)
    await row.getByRole('button', { name: 'Revoke billing service' }).click()
    const asked = page.getByRole('alertdialog', { name: 'Revoke “billing service”?' })
    await asked.getByRole('button', { name: 'Revoke' }).click()
    await row.waitFor({ state: 'detached' })
    expect(await append()).toBe(401)
    expect(opened.mishaps).toEqual([])
  })

  test('what the service refuses stands at its field, and the focus goes there', async () => {
    await using opened = await enter('/administration/keys')
    const { page } = opened
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('faulty')
    const tenants = page.getByRole('textbox', { name: 'Tenants' })
    await tenants.fill('acme, _mine')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('No. 2 is not a tenant name').waitFor()
    expect(await tenants.getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => tenants.evaluate((field) => field.matches(':focus'))).toBe(true)
    await assertAccessible(opened, 'a refused form')
    await tenants.fill('acme')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('dialog', { name: 'Keep the key now' }).waitFor()
  })

  test('hostile names of keys stay text', async () => {
    for (const [n, payload] of payloads.slice(0, 12).entries()) {
      const body = { name: `${n} ${payload}`.slice(0, 100), scopes: ['read'], tenants: ['acme'] }
      await server.post('/v1/keys', body)
    }
    await using opened = await enter('/administration/keys')
    await opened.page.getByRole('rowheader', { name: '0 ' }).first().waitFor()
    const made = 'img[src="x"], [onerror], [onload], .data-table script, .data-table svg [onload]'
    expect(await opened.page.locator(made).count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('who may not administer is told so, and offered no way there', async () => {
    const password = 'correct horse battery staple'
    const user = { username: 'reads-only', role: 'auditor', tenants: ['*'], password }
    await server.post('/v1/users', user)
    await using opened = await openConsole({
      browser,
      server,
      path: '/console/administration/keys',
    })
    await opened.signIn(user.username, password)
    await opened.page.getByRole('heading', { name: 'You may not open “API keys”' }).waitFor()
    expect(await opened.page.getByRole('link', { name: 'Administration' }).count()).toBe(0)
    await assertAccessible(opened, 'no permission')
    await opened.page.getByRole('link', { name: 'Go to the events' }).click()
    await opened.search.waitFor()
    expect(opened.mishaps).toEqual([])
  })

  test.each(looks)('axe finds nothing against keys, $colours, $width wide', async (look) => {
    const name = `axe ${look.colours} ${look.width}`
    await server.post('/v1/keys', { name, scopes: ['read', 'export'], tenants: ['acme', 'beta'] })
    await using opened = await enter('/administration/keys', look)
    const { page } = opened
    await page.getByText(name).waitFor()
    await assertAccessible(opened, 'keys')
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
    await assertAccessible(opened, 'a new key')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await page.getByRole('alertdialog').waitFor()
    await assertAccessible(opened, 'revoke')
    expect(opened.mishaps).toEqual([])
  })
})
