import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible, looks } from './console/accessible.ts'
import { buildConsole, openConsole } from './console/open-console.ts'
import { payloads } from './console/payloads.ts'

describe.skipIf(!hasChromium())('the page of schemas', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer()
    expect((await server.post('/v1/events', example)).status).toBe(201)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const example = {
    action: 'plan.changed',
    actor: { id: 'u_1' },
    data: { plan: 'pro', seats: 5, password: 'hidden' },
  }
  const enter = async (search = '', look: (typeof looks)[number] = looks[0]) => {
    const size = { width: look.width, height: 800 }
    const path = `/console/administration/schemas${search}`
    const opened = await openConsole({ browser, server, path, size, colours: look.colours })
    await opened.signIn()
    return opened
  }
  const controls = (page: Page) => ({
    dialog: page.getByRole('dialog'),
    action: page.getByRole('combobox', { name: 'Action' }),
    schema: page.getByRole('textbox', { name: 'Schema' }),
    event: page.getByRole('textbox', { name: 'Event' }),
    add: page.getByRole('button', { name: 'New schema' }),
    set: page.getByRole('button', { name: 'Set schema' }),
    replace: page.getByRole('button', { name: 'Replace schema' }),
    begin: page.getByRole('button', { name: 'Begin with the newest event' }),
    attempt: page.getByRole('button', { name: 'Try', exact: true }),
  })
  const submit = async (data: object, tenant = 'default') =>
    (await server.post('/v1/events', { ...example, tenant, data })).status

  test('begins with an event that there is, is tried, holds from then on, and is removed', async () => {
    await using opened = await enter()
    const { page } = opened
    const { dialog, action, schema, event, add, set, begin, attempt, replace } = controls(page)
    await page.getByRole('heading', { name: 'No schemas for default' }).waitFor()
    await add.click()
    await action.fill('plan.changed')
    await begin.click()
    await expect.poll(() => schema.inputValue()).toContain('"seats": { "type": "integer" }')
    await page.getByText('Try it on an event').click()
    await attempt.click()
    await page.getByText('This event would be taken.').waitFor()
    await event.fill(
      '{ "action": "plan.changed", "actor": { "id": "u_1" },\n "data": { "plan": 7 } }',
    )
    await attempt.click()
    await page.getByText('This event would be refused: 2 faults.').waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Must be a string.' }).waitFor()
    await set.click()
    const row = page.getByRole('row', { name: /plan\.changed data\.plan, data\.seats/ })
    await row.waitFor()
    await dialog.waitFor({ state: 'detached' })
    // The password that the example had is not asked for.
    expect(await submit({ plan: 'pro', seats: 5 })).toBe(201)
    expect(await submit({ plan: 'pro' })).toBe(422)

    await row.getByRole('button', { name: 'Edit the schema of plan.changed' }).click()
    await expect.poll(() => new URL(page.url()).search).toBe('?tenant=default&schema=plan.changed')
    await page.reload()
    await schema.fill('{ "properties": { "data": { "required": ["plan"] } } }')
    await replace.click()
    await page.getByRole('row', { name: /plan\.changed data\.plan/ }).waitFor()
    await dialog.waitFor({ state: 'detached' })
    expect(await submit({ plan: 'pro' })).toBe(201)

    await page.getByRole('button', { name: 'Remove the schema of plan.changed' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'No schemas for default' }).waitFor()
    expect(await submit({})).toBe(201)
    expect(opened.mishaps).toEqual([])
  })

  test('shows what is wrong at its line and column, and leads there', async () => {
    await using opened = await enter('?tenant=faulty&new')
    const { page } = opened
    const { dialog, action, schema, set } = controls(page)
    await action.fill('a')
    await schema.fill('{\n  "required": ["data",]\n}')
    const place = page.getByRole('button', { name: 'Line 2, column 23' })
    await place.waitFor()
    await set.click()
    await page.getByRole('alert').filter({ hasText: 'The schema is no JSON yet' }).waitFor()
    await place.click()
    const caret = () => schema.evaluate((area) => Reflect.get(area, 'selectionStart'))
    await expect.poll(caret).toBe('{\n  "required": ["data",'.length)
    await schema.fill(
      '{\n  "properties": {\n    "data": { "type": "objekt", "$ref": "https://a" }\n  }\n}',
    )
    await set.click()
    const faults = page.getByRole('listitem').filter({ has: page.getByRole('button') })
    await faults.filter({ hasText: 'Line 3, column 15 Must be of object' }).waitFor()
    await faults.filter({ hasText: 'Line 3, column 33 Must point into this schema' }).waitFor()
    await expect.poll(caret).toBe('{\n  "properties": {\n    "data": { '.length)
    expect((await server.ask('/v1/tenants/faulty/schemas')).json.schemas).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(opened.mishaps).toEqual([])
  })

  test('keeps tenants apart, and texts texts', async () => {
    const path = (tenant: string, action: string) =>
      `/v1/tenants/${tenant}/schemas/${encodeURIComponent(action)}`
    const headers = { 'content-type': 'application/json' }
    const hostile = payloads.map((text) => text.slice(0, 200))
    for (const text of hostile) {
      const body = JSON.stringify({ required: [text], description: text })
      const { status } = await server.ask(path('hostile', text), { method: 'PUT', headers, body })
      expect([201, 200, 422], text).toContain(status)
    }
    const kept = (await server.ask('/v1/tenants/hostile/schemas')).json.schemas
    expect(kept.length).toBeGreaterThan(40)
    await server.ask(path('other', 'only.here'), { method: 'PUT', headers, body: '{}' })
    await server.post('/v1/events', { ...example, tenant: 'other' })
    await using opened = await enter('?tenant=hostile')
    const { page } = opened
    await expect.poll(() => opened.rows.count()).toBe(kept.length)
    await opened.rows.first().getByRole('button', { name: /^Edit/ }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: 'Tenant' }).selectOption('other')
    await page.getByRole('row', { name: /only\.here/ }).waitFor()
    expect(await opened.rows.count()).toBe(1)
    expect(opened.mishaps).toEqual([])
  })

  test('is for administrators', async () => {
    const password = 'correct horse battery staple'
    const user = { username: 'ada', role: 'auditor', tenants: ['*'], password }
    expect((await server.post('/v1/users', user)).status).toBe(201)
    const path = '/console/administration/schemas'
    await using opened = await openConsole({ browser, server, path })
    await opened.signIn('ada', password)
    await opened.page.getByRole('heading', { name: 'You may not open “Schemas”' }).waitFor()
  })

  test.each(looks)('can be used by everybody ($colours, $width wide)', async (look) => {
    const tenant = `look.${look.colours}.${look.width}`
    await server.post('/v1/events', { ...example, tenant })
    await using opened = await enter(`?tenant=${tenant}`, look)
    const { page } = opened
    const { dialog, action, schema, add, set, begin, attempt } = controls(page)
    await page.getByRole('heading', { name: `No schemas for ${tenant}` }).waitFor()
    await assertAccessible(opened, 'empty')
    await add.click()
    await action.fill('plan.changed')
    await begin.click()
    await expect.poll(() => schema.inputValue()).toContain('seats')
    await page.getByText('Try it on an event').click()
    await attempt.click()
    await page.getByText('This event would be taken.').waitFor()
    await assertAccessible(opened, 'editor')
    await schema.fill('{ "type": "objekt" }')
    await set.click()
    await page.getByText('Must be of object').waitFor()
    await assertAccessible(opened, 'faults')
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
    await schema.fill('{ "required": ["data"] }')
    await set.click()
    await dialog.waitFor({ state: 'detached' })
    const remove = page.getByRole('button', { name: 'Remove the schema of plan.changed' })
    await remove.waitFor()
    await assertAccessible(opened, 'list')
    await remove.click()
    await page.getByRole('alertdialog').waitFor()
    await assertAccessible(opened, 'removal')
    expect(opened.mishaps).toEqual([])
  })
})
