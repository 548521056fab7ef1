import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildConsole, type OpenConsole, openConsole } from './console/open-console.ts'

const events = [
  { id: 'free-1', action: 'plan.chosen', data: { plan: 'free', 'odd name': 'quite odd' } },
  { id: 'pro-1', action: 'plan.chosen', data: { plan: 'pro' }, context: { request: 'req-77' } },
].map((event) => ({ ...event, actor: { id: 'u_1', name: 'Ada' }, source: 'billing' }))

describe.skipIf(!hasChromium())('the events page', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer()
    await server.post('/v1/events', events)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const enter = async (path = '/', at: TestServer = server): Promise<OpenConsole> => {
    const opened = await openConsole({ browser, server: at, path })
    await opened.signIn()
    await opened.search.waitFor()
    return opened
  }

  const headsOf = ({ page }: OpenConsole) => page.getByRole('columnheader').allInnerTexts()

  test('columns are chosen by the keyboard, the link shows others the same, the browser remembers', async () => {
    await using opened = await enter()
    const { page, rows } = opened
    await rows.first().waitFor()
    expect(await headsOf(opened)).toEqual([
      'Time',
      'Action',
      'Actor',
      'Target',
      'Source',
      'Address',
    ])
    await page.getByRole('button', { name: 'Columns' }).press('Enter')
    await page.getByRole('button', { name: 'Hide Source' }).press('Enter')
    await page.getByRole('button', { name: 'Hide Address' }).press('Enter')
    await page.getByRole('button', { name: 'Hide Target' }).press('Enter')
    const field = page.getByLabel('Add a field')
    // Whoever hid the last one goes on from its neighbour.
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe('Hide Actor')
    await field.fill('user')
    await field.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'data.plan' }).waitFor()
    for (const path of ['data.plan', 'context.request', 'data.odd name']) {
      await field.fill(path)
      await field.press('Enter')
    }
    const forward = page.getByRole('button', { name: 'Move data.plan forward' })
    await forward.press('Enter')
    await forward.press('Enter')
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toContain('forward')
    const wanted = ['Time', 'data.plan', 'Action', 'Actor', 'context.request', 'data.odd name']
    await expect.poll(() => headsOf(opened)).toEqual(wanted)
    await page.keyboard.press('Escape')
    const shown = await rows.allInnerTexts()
    expect(shown[0]).toMatch(/pro\s+plan\.chosen\s+Ada\s+u_1\s+req-77\s+–/)
    expect(shown[1]).toMatch(/free\s+plan\.chosen\s+Ada\s+u_1\s+–\s+quite odd/)

    await using other = await enter(page.url().slice(server.url.length))
    await expect.poll(() => headsOf(other)).toEqual(wanted)
    await page.goto(server.url)
    await expect.poll(() => headsOf(opened)).toEqual(wanted)
    await expect.poll(() => page.url()).toContain('column=data.plan')
    // A link says all: who sent it had the usual ones.
    await page.goto(`${server.url}/console/events?q=source:billing`)
    await rows.first().waitFor()
    expect(await headsOf(opened)).toHaveLength(6)
    expect((await headsOf(opened))[1]).toBe('Action')
    expect(opened.mishaps).toEqual([])
  })

  test('columns that do not fit are scrolled to, and stand in lines of two on a phone', async () => {
    const fields = ['action', 'data.plan', 'context.request', 'index', 'hash', 'id', 'received']
    const path = `/console/events?${fields.map((field) => `column=${field}`).join('&')}`
    await using opened = await enter(path)
    const { page, rows } = opened
    await page.setViewportSize({ width: 800, height: 700 })
    await rows.first().waitFor()
    const hash = page.getByRole('columnheader', { name: 'received' })
    const right = () => hash.evaluate((element) => element.getBoundingClientRect().right)
    expect(await right()).toBeGreaterThan(800)
    await rows.first().focus()
    await page.keyboard.press('End')
    await hash.scrollIntoViewIfNeeded()
    expect(await right()).toBeLessThanOrEqual(800)
    await page.setViewportSize({ width: 390, height: 700 })
    await expect.poll(async () => (await rows.first().boundingBox())?.height).toBe(112)
    const cell = page.getByRole('gridcell').filter({ hasText: 'pro-1' })
    const box = await cell.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
  })
})
