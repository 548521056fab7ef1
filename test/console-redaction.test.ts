import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { assertAccessible, looks } from './console/accessible.ts'
import { buildConsole, openConsole } from './console/open-console.ts'
import { payloads } from './console/payloads.ts'

const fileRules = {
  remove: ['card'],
  add: [{ name: 'salary', paths: ['data.salary'], action: 'drop' }],
}
const path = '/console/administration/redaction'

describe.skipIf(!hasChromium())('the page of redaction', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer({ config: { redactionRules: fileRules } })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    for (const { name, origin } of (await server.ask('/v1/redaction')).json.rules) {
      if (origin === 'console') await server.ask(rulePath(name), { method: 'DELETE' })
    }
  })

  const rulePath = (name: string) => `/v1/redaction/rules/${name}`
  const put = (name: string, rule: object) =>
    server.ask(rulePath(name), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    })
  const enter = async ({ colours, width }: (typeof looks)[number] = looks[0]) => {
    const size = { width, height: 900 }
    const opened = await openConsole({ browser, server, path, size, colours })
    await opened.signIn()
    await opened.page.getByRole('heading', { name: 'Built in' }).waitFor()
    return opened
  }
  let ids = 0
  /** Appends an event. @returns the note of it that is kept */
  const keepNote = async (note: string) => {
    const id = `note-${++ids}`
    await server.post('/v1/events', { id, action: 'a.b', actor: { id: 'u_1' }, data: { note } })
    return (await server.ask(`/v1/events/${id}`)).json.event.data.note
  }

  test('a rule is written, seen at work on an event, saved, in effect, changed and removed', async () => {
    await keepNote('of CASE-77')
    await using opened = await enter()
    const { page } = opened
    await page.getByText('No rules of your own').waitFor()
    await page.getByRole('button', { name: 'New rule' }).click()
    const dialog = page.getByRole('dialog', { name: 'New rule' })
    const preview = dialog.getByRole('region', { name: 'Preview' })
    await preview.getByText('Nothing is taken out of it').waitFor()
    await dialog
      .getByRole('combobox', { name: 'Looks for' })
      .selectOption('A text, by how it looks')
    await dialog.getByRole('textbox', { name: 'What the text looks like' }).fill('CASE-*')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('case-number')
    await preview.getByRole('listitem').getByText('of [redacted:case-number]').waitFor()
    expect(await preview.locator('pre mark').allInnerTexts()).toEqual(['[redacted:case-number]'])
    // Nothing is in effect yet.
    expect(await keepNote('of CASE-77')).toBe('of CASE-77')
    await dialog.getByRole('button', { name: 'Add rule' }).click()
    const row = page.getByRole('row', { name: 'case-number' })
    await row.getByText('Texts like CASE-*').waitFor()
    expect(await row.innerText()).toContain('by admin')
    expect(await keepNote('of CASE-77')).toBe('of [redacted:case-number]')

    await row.getByRole('button', { name: 'Change case-number' }).click()
    const change = page.getByRole('dialog', { name: 'Change “case-number”' })
    await change.getByRole('combobox', { name: 'Does' }).selectOption('Drop it')
    await change.getByText('Leaves nothing').waitFor()
    await change.getByRole('button', { name: 'Save rule' }).click()
    await row.getByText('Drops it').waitFor()
    expect(await keepNote('of CASE-77')).toBe('of ')

    await row.getByRole('button', { name: 'Remove case-number' }).click()
    const asked = page.getByRole('alertdialog', { name: 'Remove “case-number”?' })
    await asked.getByText('kept as it comes from then on').waitFor()
    await asked.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No rules of your own').waitFor()
    expect(await keepNote('of CASE-77')).toBe('of CASE-77')
    expect(opened.mishaps).toEqual([])
  })

  test('a field’s name and places are written in words of their own, and shown again to be changed', async () => {
    await using opened = await enter()
    const { page } = opened
    await page.getByRole('button', { name: 'New rule' }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('national-id')
    await page.getByRole('textbox', { name: 'Name of the field' }).fill('nationalId')
    await page.getByRole('combobox', { name: 'Does' }).selectOption('Mask it, equal values alike')
    await page.getByRole('button', { name: 'Add rule' }).click()
    await page
      .getByRole('row', { name: 'national-id' })
      .getByText('Fields named nationalId')
      .waitFor()

    await page.getByRole('button', { name: 'New rule' }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('wages')
    await page.getByRole('combobox', { name: 'Looks for' }).selectOption('Places in an event')
    await page.getByRole('textbox', { name: 'Places' }).fill('data.wage\n\n data.*.wage ')
    await page.getByRole('button', { name: 'Add rule' }).click()
    await page.getByRole('row', { name: 'wages' }).getByText('data.*.wage').waitFor()
    const { rules } = (await server.ask('/v1/redaction')).json
    expect(rules.slice(0, 2)).toMatchObject([
      { name: 'national-id', key: 'nationalId', action: 'hash' },
      { name: 'wages', paths: ['data.wage', 'data.*.wage'], action: 'mask' },
    ])
    await page.getByRole('button', { name: 'Change wages' }).click()
    const places = page.getByRole('textbox', { name: 'Places' })
    expect(await places.inputValue()).toBe('data.wage\ndata.*.wage')
    expect(opened.mishaps).toEqual([])
  })

  test('what the service refuses stands at its field, and the preview says it before', async () => {
    await using opened = await enter()
    const { page } = opened
    await page.getByRole('button', { name: 'New rule' }).click()
    const name = page.getByRole('textbox', { name: 'Name', exact: true })
    const field = page.getByRole('textbox', { name: 'Name of the field' })
    await name.fill('greedy')
    await field.fill('action')
    await page.getByText('The rule can’t be tried yet: its key would take action').waitFor()
    await page.getByRole('button', { name: 'Add rule' }).click()
    await page.getByText('Its key would take action from every event.', { exact: true }).waitFor()
    await expect.poll(() => field.evaluate((one) => one.matches(':focus'))).toBe(true)
    await assertAccessible(opened, 'a refused rule')
    // The file's rule of that name can't be changed.
    await field.fill('wage')
    await name.fill('salary')
    await page.getByRole('button', { name: 'Add rule' }).click()
    await page.locator('.field-fault', { hasText: 'redaction file' }).waitFor()
    expect(await name.getAttribute('aria-invalid')).toBe('true')
    expect(opened.mishaps).toEqual([])
  })

  test('a built-in rule is switched off with a warning, and on again; the file’s stay as they are', async () => {
    await using opened = await enter()
    const { page } = opened
    const row = page.getByRole('row', { name: 'otp' })
    await row.getByRole('button', { name: 'Switch off otp' }).click()
    const asked = page.getByRole('alertdialog', { name: 'Switch “otp” off?' })
    await asked.getByText('Such secrets are then kept, for good').waitFor()
    await asked.getByRole('button', { name: 'Switch off' }).click()
    await row.getByText('by admin').waitFor()
    await row.getByRole('button', { name: 'Switch on otp' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Switch on' }).click()
    await row.getByText('On', { exact: true }).waitFor()
    const card = page.getByRole('row', { name: 'card' })
    expect(await card.innerText()).toContain('by the service’s file')
    expect(await card.getByRole('button').count()).toBe(0)
    const salary = page
      .getByRole('table', { name: 'Rules of the file' })
      .getByRole('row', { name: 'salary' })
    expect(await salary.getByRole('button').count()).toBe(0)
    expect(opened.mishaps).toEqual([])
  })

  test('a pasted event is tried by the rules in effect, hostile texts stay text, and nothing is kept', async () => {
    await using opened = await enter()
    const { page } = opened
    await page.getByRole('button', { name: 'Try an event' }).click()
    const field = page.getByRole('textbox', { name: 'Try it on an event' })
    await field.fill('{ "action":')
    await page.getByRole('listitem').filter({ hasText: 'column 12 It ends too early.' }).waitFor()
    await field.fill('{ "action": "a.b" }')
    await page.getByRole('listitem').filter({ hasText: '"actor" is required' }).waitFor()
    const data = { password: 'hunter2', salary: 5, list: payloads.slice(0, 20) }
    const event = { id: 'only-tried', action: 'a.b', actor: { id: 'u_1' }, data }
    await field.fill(JSON.stringify(event))
    const taken = page.getByRole('listitem')
    await taken.getByText('[redacted:password]').waitFor()
    await taken.getByText('data.salary').waitFor()
    expect(await page.locator('.redaction-outcome :is(img, script, svg, iframe)').count()).toBe(0)
    expect((await server.ask('/v1/events/only-tried')).status).toBe(404)
    expect(opened.mishaps).toEqual([])
  })

  test('who administers one tenant alone is told that rules are for all', async () => {
    const password = 'correct horse battery staple'
    const user = { username: 'of-acme', role: 'admin', tenants: ['acme'], password }
    await server.post('/v1/users', user)
    await using opened = await openConsole({ browser, server, path })
    await opened.signIn(user.username, password)
    await opened.page.getByRole('heading', { name: 'You may not see this' }).waitFor()
    await opened.page.getByText('Rules of redaction hold for every tenant').waitFor()
    expect(await opened.page.getByRole('button', { name: 'New rule' }).count()).toBe(0)
    await assertAccessible(opened, 'no permission')
    expect(opened.mishaps).toEqual([])
  })

  test.each(looks)('axe finds nothing against it, $colours, $width wide', async (look) => {
    await put('case-number', { pattern: 'CASE-*', action: 'mask' })
    await put('national-id', { key: 'nationalId', action: 'hash' })
    await keepNote('of CASE-1')
    await using opened = await enter(look)
    const { page } = opened
    await page.getByText('national-id').waitFor()
    await assertAccessible(opened, 'the rules')
    await page.getByRole('button', { name: 'New rule' }).click()
    await page.getByRole('textbox', { name: 'Name of the field' }).fill('note')
    await page.locator('.redaction-outcome mark', { hasText: 'new-rule' }).waitFor()
    await assertAccessible(opened, 'a new rule')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Switch off jwt' }).click()
    await page.getByRole('alertdialog').waitFor()
    await assertAccessible(opened, 'switching off')
    expect(opened.mishaps).toEqual([])
  })
})
