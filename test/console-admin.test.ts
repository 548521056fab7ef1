import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible, looks } from './console/accessible.ts'
import { findIntruders } from './console/find-intruders.ts'
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

  const password = 'correct horse battery staple'
  const makeUser = (username: string, role: string) =>
    server.post('/v1/users', { username, role, tenants: ['*'], password })
  const enter = async (
    path: string,
    look: { colours: 'light' | 'dark'; width: number } = looks[0],
  ) => {
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
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('billing service')
    await page.getByRole('textbox', { name: 'Tenants' }).fill('acme')
    await page.getByRole('button', { name: 'Create key' }).click()
    const shown = page.getByRole('dialog', { name: 'Keep the key now' })
    const key = await shown.getByRole('region', { name: 'API key' }).locator('pre').innerText()
    expect(key).toMatch(/^ind_/)
    const trial = await shown.getByRole('region', { name: 'Try it' }).locator('pre').innerText()
    const { stdout } = await promisify(execFile)('sh', ['-c', trial.replace('curl', 'curl -sS')])
    expect(JSON.parse(stdout)).toMatchObject({ tenant: 'acme', index: 0 })
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
    // As long as it asks, the row is there for nobody.
    await asked.waitFor({ state: 'detached' })
    await row.waitFor({ state: 'detached' })
    expect(await append()).toBe(401)
    expect(opened.mishaps).toEqual([])
  })

  test('a user is made, signs in, sees what the role and tenants allow, and is shut out', async () => {
    await server.post('/v1/events', { tenant: 'acme', action: 'of.acme', actor: { id: 'u_1' } })
    await server.post('/v1/events', { tenant: 'beta', action: 'of.beta', actor: { id: 'u_1' } })
    await using opened = await enter('/administration/users')
    const { page } = opened
    await page.getByRole('button', { name: 'New user' }).click()
    await page.getByRole('textbox', { name: 'Username' }).fill('ada')
    await page
      .getByRole('combobox', { name: 'Role' })
      .selectOption({ label: 'auditor: reads and exports' })
    await page.getByRole('textbox', { name: 'Tenants' }).fill('acme')
    await page.getByRole('button', { name: 'Suggest one' }).click()
    const password = await page.getByLabel('First password').inputValue()
    expect(password).toMatch(/^[a-zA-Z2-9]{23}$/)
    await page.getByRole('button', { name: 'Create user' }).click()
    const row = page.getByRole('row', { name: 'ada' })
    await row.waitFor()
    await using theirs = await openConsole({ browser, server, path: '/console/events' })
    await theirs.signIn('ada', password)
    await theirs.rows.filter({ hasText: 'of.acme' }).first().waitFor()
    expect(await theirs.page.getByText('of.beta').count()).toBe(0)
    expect(await theirs.page.getByRole('link', { name: 'Administration' }).count()).toBe(0)
    await row.getByRole('button', { name: 'Actions for ada' }).click()
    await page.getByRole('menuitem', { name: 'Change role and tenants…' }).click()
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ value: 'admin' })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /ada admin/ }).waitFor()
    await theirs.page.reload()
    await theirs.page.getByRole('link', { name: 'Administration' }).click()
    await theirs.page.getByRole('link', { name: 'Users', exact: true }).click()
    // Of acme alone: nobody sees those who hold more.
    await theirs.page.getByRole('row', { name: 'ada' }).waitFor()
    expect(await theirs.page.getByRole('row', { name: /^admin/ }).count()).toBe(0)
    await row.getByRole('button', { name: 'Actions for ada' }).click()
    await page.getByRole('menuitem', { name: 'Disable…' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click()
    await page.getByRole('row', { name: /ada .*Disabled/ }).waitFor()
    await theirs.page.reload()
    await theirs.signIn('ada', password)
    await theirs.page.getByText('do not match').waitFor()
    await row.getByRole('button', { name: 'Actions for ada' }).click()
    await page.getByRole('menuitem', { name: 'Remove…' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await row.waitFor({ state: 'detached' })
    expect([...opened.mishaps, ...theirs.mishaps]).toEqual([])
  })

  test('a password set for somebody signs them out, and the new one lets them in', async () => {
    await makeUser('forgetful', 'auditor')
    await using theirs = await openConsole({ browser, server, path: '/console/events' })
    await theirs.signIn('forgetful', password)
    await theirs.search.waitFor()
    await using opened = await enter('/administration/users')
    const { page } = opened
    await page.getByRole('button', { name: 'Actions for forgetful' }).click()
    await page.getByRole('menuitem', { name: 'Set password…' }).click()
    await page.getByLabel('New password').fill('too short')
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByText('Must have 12 characters at least.').waitFor()
    await page.getByLabel('New password').fill('another good one')
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await theirs.page.reload()
    await theirs.signIn('forgetful', 'another good one')
    await theirs.search.waitFor()
  })

  test('everybody changes their own password, stays signed in here, and is told what is wrong', async () => {
    await makeUser('changes-own', 'auditor')
    await using opened = await openConsole({ browser, server, path: '/console/events' })
    const { page } = opened
    await opened.signIn('changes-own', password)
    await opened.search.waitFor()
    await page.getByRole('button', { name: /settings and sign out/ }).click()
    await page.getByRole('menuitem', { name: 'Change password…' }).click()
    const present = page.getByLabel('Present password')
    await present.fill('not the right one')
    await page.getByLabel('New password').fill('a better one, by far')
    await page.getByRole('button', { name: 'Change password' }).click()
    await expect.poll(() => present.getAttribute('aria-invalid')).toBe('true')
    await assertAccessible(opened, 'a wrong password')
    await present.fill(password)
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByRole('dialog', { name: 'Your password is changed' }).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.reload()
    await opened.search.waitFor()
    const login = (word: string) =>
      server.post('/v1/login', { username: 'changes-own', password: word }, { authorization: '' })
    expect((await login(password)).status).toBe(401)
    expect((await login('a better one, by far')).status).toBe(200)
    expect(opened.mishaps).toEqual([])
  })

  test('nobody locks everybody out: the last administrator stays, and is told why', async () => {
    await using opened = await enter('/administration/users')
    const { page } = opened
    const because = page.getByText('This is the last administrator of every tenant')
    const choose = async (name: string) => {
      await page.getByRole('button', { name: 'Actions for admin', exact: true }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    for (const act of ['Disable', 'Remove']) {
      await choose(`${act}…`)
      const asked = page.getByRole('alertdialog')
      await asked.getByText('This is you.').waitFor()
      await asked.getByRole('button', { name: act }).click()
      await because.waitFor()
      await asked.getByRole('button', { name: 'Cancel' }).click()
      await asked.waitFor({ state: 'detached' })
    }
    await choose('Change role and tenants…')
    const role = page.getByRole('combobox', { name: 'Role' })
    await role.selectOption({ value: 'auditor' })
    await page.getByRole('button', { name: 'Save' }).click()
    await because.waitFor()
    expect(await role.getAttribute('aria-invalid')).toBe('true')
    await role.selectOption({ value: 'admin' })
    const tenants = page.getByRole('textbox', { name: 'Tenants' })
    await tenants.fill('acme')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => tenants.getAttribute('aria-invalid')).toBe('true')
    await because.waitFor()
    expect(opened.mishaps).toEqual([])
  })

  test('who narrows themselves, though warned, is told at once that the page is not theirs', async () => {
    await makeUser('narrows-self', 'admin')
    await using opened = await openConsole({
      browser,
      server,
      path: '/console/administration/users',
    })
    const { page } = opened
    await opened.signIn('narrows-self', password)
    await page.getByRole('button', { name: 'Actions for narrows-self' }).click()
    await page.getByRole('menuitem', { name: 'Change role and tenants…' }).click()
    await page.getByText('This is you.').waitFor()
    await page.getByRole('combobox', { name: 'Role' }).selectOption({ value: 'auditor' })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'You may not open “Users”' }).waitFor()
  })

  test('a tenant is made with its empty log, once, and leads to its events', async () => {
    await using opened = await enter('/administration')
    const { page } = opened
    const make = async () => {
      await page.getByRole('button', { name: 'New tenant' }).click()
      await page.getByRole('textbox', { name: 'Tenant', exact: true }).fill('gamma')
      await page.getByRole('textbox', { name: 'Name for people' }).fill('Gamma & Sons')
      await page.getByRole('button', { name: 'Create tenant' }).click()
    }
    await make()
    await page.getByRole('row', { name: 'gamma Gamma & Sons 0' }).waitFor()
    await make()
    await page.getByText('The tenant "gamma" exists already.').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('link', { name: 'gamma' }).click()
    await page.getByRole('heading', { name: 'No events yet' }).waitFor()
    // How the first one is sent stands there, to be copied.
    await page.getByRole('button', { name: 'Copy: Command' }).waitFor()
    await page.getByRole('button', { name: 'Log: gamma' }).waitFor()
    expect(opened.mishaps).toEqual([])
  })

  test('a viewer link shows what its search finds, and a faulty search is told at its field', async () => {
    const events = ['shown', 'hidden'].map((action) => ({
      ...{ tenant: 'linked', action: `${action}.thing`, actor: { id: 'u_1' } },
    }))
    await server.post('/v1/events', events)
    await using opened = await enter('/administration/viewer-links')
    const { page } = opened
    await page.getByRole('combobox', { name: 'Tenant' }).selectOption({ label: 'linked' })
    const filter = page.getByRole('textbox', { name: 'Only what this search finds' })
    await filter.fill('action:(')
    await page.getByRole('button', { name: 'Make the link' }).click()
    await expect.poll(() => filter.getAttribute('aria-invalid')).toBe('true')
    await page.getByText(/column 8/).waitFor()
    await filter.fill('action:shown.*')
    await page.getByRole('textbox', { name: 'For whom' }).fill('Zoë of Linked')
    await page.getByRole('button', { name: 'Make the link' }).click()
    const shown = page.getByRole('dialog', { name: 'Keep the link now' })
    const link = await shown.getByRole('region', { name: 'Link' }).locator('pre').innerText()
    const frame = await shown.getByRole('region', { name: 'In a page' }).locator('pre').innerText()
    expect(frame).toContain(`src="${link}"`)
    const [origin, token] = link.split('/embed#token=')
    expect(origin).toBe(server.url)
    const headers = { authorization: `Bearer ${token}` }
    const found = (await server.ask('/v1/events', { headers })).json
    expect(found.entries.map((one: { event: { action: string } }) => one.event.action)).toEqual([
      'shown.thing',
    ])
    expect((await server.ask('/v1/export', { headers })).status).toBe(403)
    await shown.getByRole('button', { name: 'I have kept it' }).click()
    await shown.waitFor({ state: 'detached' })
    expect(await page.locator('body').innerText()).not.toContain(token)
    expect(opened.mishaps).toEqual([])
  })

  test('what the service refuses stands at its field, and the focus goes there', async () => {
    await using opened = await enter('/administration/keys')
    const { page } = opened
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('faulty')
    const tenants = page.getByRole('textbox', { name: 'Tenants' })
    await tenants.fill('acme, _mine')
    await page.getByText('No log yet: ').filter({ hasText: '_mine' }).waitFor()
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('No. 2 is not a tenant name').waitFor()
    expect(await tenants.getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => tenants.evaluate((field) => field.matches(':focus'))).toBe(true)
    await assertAccessible(opened, 'a refused form')
    await tenants.fill('acme')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('dialog', { name: 'Keep the key now' }).waitFor()
  })

  test('hostile names of keys and tenants stay text, in lists and in what is asked', async () => {
    for (const [n, payload] of payloads.entries()) {
      const name = `${n} ${payload}`.slice(0, 200)
      const grant = { scopes: ['read'], tenants: ['acme'] }
      const { status } = await server.post('/v1/keys', { name, ...grant })
      expect(status, name).toBe(201)
      expect((await server.post('/v1/tenants', { tenant: `hostile-${n}`, name })).status).toBe(201)
    }
    await using opened = await enter('/administration/keys')
    const { page } = opened
    for (const n of payloads.keys()) {
      await page.getByRole('button', { name: new RegExp(`^Revoke ${n}\\b`) }).waitFor()
    }
    expect(await findIntruders(page)).toEqual([])
    await page.getByRole('button', { name: 'Revoke 0 ' }).click()
    await page.getByRole('alertdialog').waitFor()
    expect(await findIntruders(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Tenants', exact: true }).click()
    await page.getByRole('link', { name: `hostile-${payloads.length - 1}` }).waitFor()
    expect(await findIntruders(page)).toEqual([])
    expect(opened.mishaps).toEqual([])
  })

  test('a dialog is left by Escape, and the focus is where it was', async () => {
    await using opened = await enter('/administration/users')
    const { page } = opened
    const focus = page.locator(':focus')
    const open = page.getByRole('button', { name: 'New user' })
    await open.press('Enter')
    await page.getByRole('dialog', { name: 'New user' }).waitFor()
    // What is typed at once lands in the first field, not on the button that closes.
    await page.getByRole('dialog').getByLabel('Username').and(focus).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await open.and(focus).waitFor()
    const menu = page.getByRole('button', { name: 'Actions for admin', exact: true })
    await menu.press('Enter')
    await page.getByRole('menuitem', { name: 'Remove…' }).press('Enter')
    await page.getByRole('alertdialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await menu.and(focus).waitFor()
  })

  test('nothing is cut off on a narrow phone', async () => {
    const name = 'a-name-without-any-place-to-break-it'.repeat(4)
    await server.post('/v1/keys', { name, scopes: ['read'], tenants: ['acme', 'a'.repeat(120)] })
    await using opened = await enter('/administration/keys', { colours: 'light', width: 360 })
    const { page } = opened
    const overflow = () =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    for (const [title, shown] of [
      ['API keys', page.getByRole('heading', { name })],
      ['Users', page.getByRole('heading', { name: 'admin' })],
      ['Tenants', page.getByRole('heading', { name: '_system' })],
      ['Viewer links', page.getByRole('button', { name: 'Make the link' })],
    ] as const) {
      await page.getByRole('link', { name: title, exact: true }).click()
      await shown.first().waitFor()
      expect(await overflow(), title).toBe(0)
    }
  })

  test('who may not administer is told so, and offered no way there', async () => {
    await makeUser('reads-only', 'auditor')
    await using opened = await openConsole({
      browser,
      server,
      path: '/console/administration/keys',
    })
    await opened.signIn('reads-only', password)
    await opened.page.getByRole('heading', { name: 'You may not open “API keys”' }).waitFor()
    expect(await opened.page.getByRole('link', { name: 'Administration' }).count()).toBe(0)
    await assertAccessible(opened, 'no permission')
    await opened.page.getByRole('link', { name: 'Go to the events' }).click()
    await opened.search.waitFor()
    expect(opened.mishaps).toEqual([])
  })

  test.each(looks)('axe finds nothing against any of them, $colours, $width wide', async (look) => {
    const name = `axe ${look.colours} ${look.width}`
    await server.post('/v1/keys', { name, scopes: ['read', 'export'], tenants: ['acme', 'beta'] })
    await makeUser(`axe-${look.colours}-${look.width}`, 'writer')
    await server.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' } })
    await using opened = await enter('/administration/keys', look)
    const { page } = opened
    const section = (title: string) => page.getByRole('link', { name: title, exact: true }).click()
    await page.getByText(name).waitFor()
    await assertAccessible(opened, 'keys')
    await page.getByRole('button', { name: 'New API key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
    await assertAccessible(opened, 'a new key')
    await page.getByRole('textbox', { name: 'Name' }).fill('axe')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'I have kept it' }).waitFor()
    await assertAccessible(opened, 'a key shown once')
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await page.getByRole('alertdialog').waitFor()
    await assertAccessible(opened, 'revoke')
    await page.keyboard.press('Escape')
    await section('Users')
    await page.getByRole('button', { name: 'Actions for admin', exact: true }).waitFor()
    await assertAccessible(opened, 'users')
    await page.getByRole('button', { name: 'New user' }).click()
    await page.getByRole('textbox', { name: 'Username' }).waitFor()
    await assertAccessible(opened, 'a new user')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Actions for admin', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Remove…' }).waitFor()
    await assertAccessible(opened, 'a user’s menu')
    await page.getByRole('menuitem', { name: 'Remove…' }).click()
    await page.getByRole('alertdialog').waitFor()
    await assertAccessible(opened, 'remove')
    await page.keyboard.press('Escape')
    await section('Tenants')
    await page.getByRole('link', { name: 'default' }).waitFor()
    await assertAccessible(opened, 'tenants')
    await page.getByRole('button', { name: 'New tenant' }).click()
    await page.getByRole('textbox', { name: 'Name for people' }).waitFor()
    await assertAccessible(opened, 'a new tenant')
    await page.keyboard.press('Escape')
    await section('Viewer links')
    await page.getByRole('button', { name: 'Make the link' }).waitFor()
    await assertAccessible(opened, 'viewer links')
    await page.getByRole('button', { name: 'Make the link' }).click()
    await page.getByRole('button', { name: 'I have kept it' }).waitFor()
    await assertAccessible(opened, 'a viewer link')
    expect(opened.mishaps).toEqual([])
  })
})
