import { readFile } from 'node:fs/promises'
import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible } from './console/accessible.ts'
import { startCuttingProxy } from './console/cutting-proxy.ts'
import { buildConsole, type OpenConsole, openConsole } from './console/open-console.ts'

const eventCount = 1_500
const events = Array.from({ length: eventCount }, (_, n) => ({
  ...{ id: `e-${n}`, action: n % 2 === 0 ? 'even.chosen' : 'odd.chosen', actor: { id: 'u_1' } },
  data: { note: `${n} "quoted",\nin two lines`, filler: 'x'.repeat(300) },
}))

/** Real files, in the browser's own file system: nobody is there to pick one on the disk. */
const pickPrivateFiles = `window.showSaveFilePicker = async ({ suggestedName }) => {
  const folder = await navigator.storage.getDirectory()
  return folder.getFileHandle(suggestedName, { create: true })
}`
const holdFiles = 'delete window.showSaveFilePicker'

const readPrivateFiles = (page: Page): Promise<[string, string][]> =>
  page.evaluate(`(async () => {
    const files = []
    for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) {
      files.push([name, await (await handle.getFile()).text()])
    }
    return files
  })()`)

describe.skipIf(!hasChromium())('an export from the console', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer()
    expect((await server.post('/v1/events', events)).status).toBe(201)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const enter = async (
    script: string,
    at: Pick<TestServer, 'url'> = server,
    path = '/',
  ): Promise<OpenConsole> => {
    const opened = await openConsole({ browser, server: at })
    await opened.context.addInitScript({ content: script })
    await opened.page.goto(`${at.url}${path}`)
    await opened.signIn()
    await opened.rows.first().waitFor()
    return opened
  }

  const open = async ({ page }: OpenConsole) => {
    await page.getByRole('button', { name: 'Export' }).click()
    return page.getByRole('dialog', { name: 'Export' })
  }

  test('holds what the search finds, tells how much, and is the browser’s own download', async () => {
    await using opened = await enter(holdFiles, server, '/console/events?q=action:odd.*')
    const dialog = await open(opened)
    await dialog.getByText('750', { exact: true }).waitFor()
    await dialog.getByText('action:odd.*').waitFor()
    await assertAccessible(opened, 'export dialog')
    const downloading = opened.page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Export' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^indelible-default-.*\.ndjson$/)
    await dialog.getByText('750 entries').waitFor()
    const text = await readFile(await download.path(), 'utf8')
    expect(text).toBe((await server.ask('/v1/export?action=odd.*')).text)
    await assertAccessible(opened, 'export done')
    await dialog.getByRole('button', { name: 'Close' }).first().click()
    await expect.poll(() => dialog.count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('streams into a picked file, in each format, byte for byte', async () => {
    await using opened = await enter(pickPrivateFiles)
    for (const [label, format] of [
      ['NDJSON', 'ndjson'],
      ['CSV', 'csv'],
      ['Receipts', 'receipts'],
    ] as const) {
      const dialog = await open(opened)
      await dialog.getByRole('radio', { name: label }).check()
      await dialog.getByRole('button', { name: 'Export' }).click()
      await dialog.getByText('1,500 entries').waitFor()
      await dialog.getByRole('button', { name: 'Close' }).first().click()
      const files = await readPrivateFiles(opened.page)
      const expected = (await server.ask(`/v1/export?format=${format}`)).text
      expect(
        files.some(([, text]) => text === expected),
        label,
      ).toBe(true)
    }
    expect(opened.mishaps).toEqual([])
  })

  test('that breaks off is said to have failed, and leaves no file that looks whole', async () => {
    await using proxy = await startCuttingProxy(server)
    await using opened = await enter(pickPrivateFiles, proxy)
    const dialog = await open(opened)
    await dialog.getByRole('button', { name: 'Export' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'The connection broke after' }).waitFor()
    await assertAccessible(opened, 'export failed')
    expect(await readPrivateFiles(opened.page)).toEqual([])
    await using held = await enter(holdFiles, proxy)
    let downloads = 0
    held.page.on('download', () => downloads++)
    const other = await open(held)
    await other.getByRole('button', { name: 'Export' }).click()
    await other.getByRole('alert').filter({ hasText: 'The connection broke after' }).waitFor()
    expect(downloads).toBe(0)
  })

  test('can be cancelled while it runs, and then nothing is kept', async () => {
    await using proxy = await startCuttingProxy(server)
    proxy.exportsEnd = 'stalled'
    await using opened = await enter(pickPrivateFiles, proxy)
    const dialog = await open(opened)
    await dialog.getByText('1,500', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Export' }).click()
    await dialog.getByText(/^[1-9]\d* of 1,500 entries/).waitFor()
    expect(await dialog.getByRole('progressbar').getAttribute('max')).toBe('1500')
    await assertAccessible(opened, 'export running')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.getByText('Cancelled. Nothing was kept.').waitFor()
    expect(await readPrivateFiles(opened.page)).toEqual([])
  })

  test('of receipts is of one log; who lacks the scope is offered none', async () => {
    await server.post('/v1/events', { id: 'o', action: 'a', actor: { id: 'u' }, tenant: 'other' })
    await using opened = await enter(pickPrivateFiles, server, '/console/events?tenant=*')
    const dialog = await open(opened)
    expect(await dialog.getByRole('radio', { name: 'Receipts' }).isDisabled()).toBe(true)
    await opened.page.route('**/v1/session', async (route) => {
      const response = await route.fetch()
      const session = (await response.json()) as object // as the service describes it
      await route.fulfill({ response, json: { ...session, scopes: ['read'] } })
    })
    await opened.page.goto(`${server.url}/console/events`)
    await opened.rows.first().waitFor()
    expect(await opened.page.getByRole('button', { name: 'Export' }).count()).toBe(0)
  })
})
