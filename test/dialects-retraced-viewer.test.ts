import { readFileSync } from 'node:fs'
import { hasChromium, startBrowser, startTestServer } from '@indelible/testkit'
import { Client } from '@retracedhq/retraced'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openViewerPage } from './retraced/viewer-page.ts'

/** `@retracedhq/logs-viewer` as it is in the registry, in a page of another origin. */
describe.runIf(hasChromium())('the unmodified viewer', async () => {
  await using resources = new AsyncDisposableStack()
  const server = resources.use(await startTestServer())
  const origin = resources.use(await openViewerPage())
  const browser = resources.adopt(await startBrowser(), (one) => one.close())
  const parts = resources.move()
  afterAll(() => parts.disposeAsync())

  const { json } = await server.post('/v1/keys', {
    ...{ name: 'app', tenants: ['viewed'], scopes: ['append', 'read', 'export'] },
  })
  const client = new Client({
    apiKey: json.key,
    projectId: 'p',
    endpoint: `${server.url}/auditlog`,
  })
  const group = { id: 'acme' }
  const actor = { id: 'u_1', name: 'Alice ![x](http://127.0.0.1:9/x.png)' }

  beforeAll(async () => {
    await client.reportEvents(
      Array.from({ length: 22 }, (_, n) => ({
        ...{ action: `plan.changed${n}`, crud: 'u' as const, actor, group },
        ...{
          target: { id: 't', name: `Plan ${n}` },
          source_ip: '203.0.113.7',
          fields: { n: `${n}` },
        },
      })),
    )
    await client.reportEvent({ action: 'page.read', crud: 'r', actor, group })
    await client.reportEvent({ action: 'not.yours', crud: 'u', actor, group: { id: 'other' } })
  })

  async function open(): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1200 } })
    const token = await client.getViewerToken('acme', 'u_1')
    await page.goto(origin.urlFor(token, `${server.url}/auditlog/viewer/v1`))
    return page
  }
  const rows = (page: Page) => page.getByTestId('markdown')

  test('shows a group’s events, newest first, page by page', async () => {
    const page = await open()
    await expect.poll(() => rows(page).count()).toBe(20)
    const text = (n: number) => rows(page).nth(n).innerText()
    expect(await text(0)).toBe('Alice ![x](http://127.0.0.1:9/x.png) plan.changed21 Plan 21')
    expect(await page.getByTestId('event-cell-1').first().innerText()).toMatch(/ago$/)
    expect(await page.getByTestId('event-cell-2').first().innerText()).toBe('203.0.113.7')
    await page.getByText('Older').click()
    await expect.poll(() => rows(page).count()).toBe(2)
    expect(await text(1)).toContain('plan.changed0 Plan 0')
    expect(await page.getByText('Older').count()).toBe(0)
    await page.getByText('Newer').click()
    await expect.poll(() => rows(page).count()).toBe(20)
    expect(await page.locator('main img').count()).toBe(0)
    await page.close()
  })

  test('searches by words and shows an event whole', async () => {
    const page = await open()
    await expect.poll(() => rows(page).count()).toBe(20)
    await page.getByTestId('search-events').fill('"Plan 7"')
    await page.getByTestId('search-button').click()
    await expect.poll(() => rows(page).count()).toBe(1)
    await page.locator('.u-codeIcon').click()
    const shown = JSON.parse(await page.locator('textarea').inputValue())
    expect(shown).toMatchObject({
      ...{ action: 'plan.changed7', crud: 'u', group: { id: 'acme', name: null } },
      ...{ fields: { n: '7' }, metadata: {}, is_failure: false },
    })
    await page.close()
  })

  test('searches by a range of days and by what was done', async () => {
    const page = await open()
    await expect.poll(() => rows(page).count()).toBe(20)
    await page.getByText('Filters').click()
    await page.getByText('Read', { exact: true }).click()
    await page.getByText('Update', { exact: true }).click()
    const yesterday = new Date(Date.now() - 86_400_000)
    const day = yesterday.toLocaleDateString('en-US')
    await page.getByPlaceholder('Start').fill(day)
    await page.keyboard.press('Escape')
    await page.getByTestId('search-button').click()
    await expect.poll(() => rows(page).count()).toBe(1)
    expect(await rows(page).innerText()).toContain('page.read')
    await page.close()
  })

  test('exports a CSV of what was found', async () => {
    const page = await open()
    await expect.poll(() => rows(page).count()).toBe(20)
    await page.getByTestId('search-events').fill('action:plan.changed1*')
    await page.getByTestId('search-button').click()
    await expect.poll(() => rows(page).count()).toBe(11)
    await page.getByTestId('export-events').click()
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByPlaceholder('Release 1.0.0').fill('plans')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Name & Save' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^audit-log-.*\.csv$/)
    const lines = readFileSync(await download.path(), 'utf8').split('\r\n')
    expect(lines[0]).toMatch(/^"id","action","crud"/)
    expect(lines).toHaveLength(13)
    expect(lines[1]).toContain('"plan.changed19"')
    await page.close()
  })

  test('asks its page for another token when its own is over', async () => {
    const other = await server.post('/v1/keys', {
      ...{ name: 'short', tenants: ['viewed'], scopes: ['read'] },
    })
    const issuer = new Client({ apiKey: other.json.key, projectId: 'p', endpoint: server.url })
    const token = await issuer.getViewerToken('acme', 'u_1')
    await server.ask(`/v1/keys/${other.json.id}`, { method: 'DELETE' })
    const page = await browser.newPage()
    await page.goto(origin.urlFor(token, `${server.url}/viewer/v1`))
    await expect.poll(() => page.title()).toBe('refresh')
    await page.close()
  })
})
