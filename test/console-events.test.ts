import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible } from './console/accessible.ts'
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
    // What a row offers to the pointer is in view, and moves nothing.
    await rows.last().hover({ position: { x: 300, y: 18 } })
    const hovered = rows.filter({ has: page.getByRole('button', { name: 'Filter by a value' }) })
    const tool = await hovered.getByRole('button').boundingBox()
    expect((tool?.x ?? 0) + (tool?.width ?? 0)).toBeLessThanOrEqual(800)
    const row = await hovered.boundingBox()
    const time = await hovered.getByRole('gridcell').first().boundingBox()
    expect(time?.y).toBe(row?.y)
    await page.setViewportSize({ width: 390, height: 700 })
    await expect.poll(async () => (await rows.first().boundingBox())?.height).toBe(112)
    const cell = page.getByRole('gridcell').filter({ hasText: 'pro-1' })
    const box = await cell.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
  })

  test('searches are saved under a name, opened, renamed and deleted, by user and browser', async () => {
    await using opened = await enter(
      '/console/events?q=data.plan:pro&since=now-7d&column=data.plan',
    )
    const { page, rows } = opened
    await expect.poll(() => rows.count()).toBe(1)
    const menu = page.getByRole('button', { name: 'Saved searches' })
    const choose = async (name: string | RegExp) => {
      await menu.press('Enter')
      await page.getByRole('menuitem', { name }).click()
    }
    await choose('Save this search…')
    await page.getByLabel('Name').fill('<b>Pro</b> plans')
    await assertAccessible(opened, 'saving a search')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await opened.find('data.plan:free')
    await expect.poll(() => page.url()).toContain('plan%3Afree')
    await rows.filter({ hasText: 'free' }).waitFor()
    await page.goto(`${server.url}/console/events`)
    await rows.first().waitFor()
    await menu.press('Enter')
    await page.getByRole('menuitem', { name: 'data.plan:free' }).waitFor()
    await assertAccessible(opened, 'saved searches')
    await page.getByRole('menuitem', { name: '<b>Pro</b> plans' }).click()
    await expect.poll(() => headsOf(opened)).toEqual(['Time', 'data.plan'])
    await expect.poll(() => rows.count()).toBe(1)
    expect(page.url()).toContain('since=now-7d')

    await choose('Rename or delete…')
    await page.getByLabel('Name of <b>Pro</b> plans').fill('Pro')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('Name of Pro', { exact: true }).waitFor()
    await assertAccessible(opened, 'managing searches')
    await page.getByRole('button', { name: 'Delete Pro' }).click()
    await page.getByText('There are none any more.').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await menu.press('Enter')
    await page.getByRole('menuitem', { name: 'Save this search…' }).waitFor()
    expect(await page.getByRole('menuitem').allInnerTexts()).toEqual([
      'Save this search…',
      'data.plan:free',
    ])
    await page.keyboard.press('Escape')

    const password = 'correct horse battery staple'
    const user = { username: 'somebody-else', role: 'auditor', tenants: ['default'], password }
    await server.post('/v1/users', user)
    await page.getByRole('button', { name: /settings and sign out/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await opened.signIn(user.username, password)
    await rows.first().waitFor()
    await menu.press('Enter')
    await page.getByRole('menuitem', { name: 'Save this search…' }).waitFor()
    expect(await page.getByRole('menuitem', { name: 'data.plan:free' }).count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('a field with odd characters is completed so that the query is none of the faulty', async () => {
    await using opened = await enter()
    const { page, search, rows } = opened
    await rows.first().waitFor()
    await search.pressSequentially('odd')
    await page.getByRole('option', { name: 'data.odd name' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => search.inputValue()).toBe('"data.odd name":')
    await page.getByRole('option', { name: 'quite odd' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows.count()).toBe(1)
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('the list marks what this browser has verified, and what failed cannot be overlooked', async () => {
    await using opened = await enter()
    const { page, rows, details } = opened
    const altered = rows.filter({ hasText: 'Mallory' })
    await page.route(/\/v1\/events\?/, async (route) => {
      const response = await route.fetch()
      const text = await response.text()
      const other = text.replace(/("id":"pro-1".*?"name":")Ada/, '$1Mallory')
      await route.fulfill({ response, body: other })
    })
    await page.reload()
    await rows.first().waitFor()
    await rows.filter({ hasText: 'Ada' }).click()
    await details.getByText('Verified in this browser').waitFor()
    // On whose word it rests is said beside the verdict.
    await details.getByText(/first saw on 20\d\d-/).waitFor()
    await rows.filter({ hasText: 'verified here' }).waitFor()
    expect(await rows.filter({ hasText: 'verified here' }).count()).toBe(1)
    await assertAccessible(opened, 'a verified row')
    await altered.click()
    await details.getByText('Verification failed').waitFor()
    await altered.filter({ hasText: 'failed its check' }).waitFor()
    await page.keyboard.press('Escape')
    await assertAccessible(opened, 'a failed row')
    // Shown otherwise than it was checked, nothing is known of it.
    await page.unroute(/\/v1\/events\?/)
    await opened.search.press('Enter')
    await expect.poll(() => altered.count()).toBe(0)
    await expect.poll(() => rows.filter({ hasText: 'verified here' }).count()).toBe(1)
    expect(await page.getByText('failed its check').count()).toBe(0)
  })

  test('what was erased leads to the entry that says so', async () => {
    await using opened = await enter()
    const { page, rows, details } = opened
    await page.route(/\/v1\/events\?/, async (route) => {
      const response = await route.fetch()
      const answer = await response.text()
      const erased = '"erased":[{"part":"data","by":0}],"hash"'
      await route.fulfill({ response, body: answer.replace('"hash"', erased) })
    })
    await page.reload()
    await rows.first().click()
    await details.getByRole('link', { name: 'erased by entry 0 of this log' }).click()
    await expect.poll(() => opened.search.inputValue()).toBe('index:0')
    await expect.poll(() => rows.count()).toBe(1)
    await page.unrouteAll({ behavior: 'wait' })
  })

  test('while the service can’t answer, the badge does not go on saying that all is verified', async () => {
    await using opened = await enter()
    const { page } = opened
    const badge = page.getByRole('button', { name: 'Checkpoint verified' })
    await badge.waitFor()
    await page.route(/\/v1\/logs\/[^/]+(\/checkpoint)?$/, (route) =>
      route.fulfill({ status: 503, body: 'away' }),
    )
    await badge.press('Enter')
    await page.getByRole('button', { name: 'Check now', exact: true }).click()
    const hindered = page.getByRole('button', { name: 'Can’t check now' })
    await hindered.waitFor()
    await assertAccessible(opened, 'a hindered check')
    expect(await page.getByText('Verification failed').count()).toBe(0)
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Check now', exact: true }).click()
    await badge.waitFor()
  })

  test('who signs in elsewhere in this browser is who is signed in here, and sees none of the other’s', async () => {
    const password = 'correct horse battery staple'
    await server.post('/v1/events', {
      action: 'secret.kept',
      actor: { id: 'u_2' },
      tenant: 'hidden',
    })
    await server.post('/v1/users', {
      ...{ username: 'second-user', role: 'auditor', tenants: ['default'], password },
    })
    await using opened = await enter('/console/events?tenant=hidden')
    await opened.rows.filter({ hasText: 'secret.kept' }).waitFor()
    const second = await opened.context.newPage()
    await second.goto(`${server.url}/console`)
    await second.getByRole('button', { name: /^admin: settings/ }).click()
    await second.getByRole('menuitem', { name: 'Sign out' }).click()
    await opened.page.getByLabel('Username').waitFor()
    await second.getByLabel('Username').fill('second-user')
    await second.getByLabel('Password').fill(password)
    await second.getByRole('button', { name: 'Sign in' }).click()
    await opened.page.getByRole('button', { name: /^second-user: settings/ }).waitFor()
    expect(await opened.page.getByText('secret.kept').count()).toBe(0)
  })
})
