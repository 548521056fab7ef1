import {
  createTemporaryFolder,
  hasChromium,
  spawnServer,
  startBrowser,
  startTestServer,
  type TestServer,
} from '@indelible/testkit'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weighFirstPage } from '../scripts/build-console.ts'
import { assertAccessible, looks } from './console/accessible.ts'
import { findIntruders } from './console/find-intruders.ts'
import { hostileEvent } from './console/hostile-events.ts'
import { buildConsole, openConsole } from './console/open-console.ts'
import { payloads } from './console/payloads.ts'
import { makeToken, openViewer } from './embed/open-viewer.ts'

const tenants = ['north', 'south'] as const
type Tenant = (typeof tenants)[number]
const otherOf = (tenant: Tenant): Tenant => (tenant === 'north' ? 'south' : 'north')

/** Every text in it tells whose it is. */
const eventOf = (tenant: Tenant, id: string, more: object = {}) => ({
  ...{ tenant, id: `${tenant}-${id}`, action: `${tenant}.invoice.changed` },
  actor: { type: 'user', id: `${tenant}-user`, name: `${tenant} person` },
  targets: [{ type: 'invoice', id: `${tenant}-invoice` }],
  source: `${tenant}-billing`,
  context: { ip: tenant === 'north' ? '10.0.0.1' : '10.0.0.2', session: `${tenant}-session` },
  changes: { before: { total: 1 }, after: { total: 2 } },
  ...more,
})

describe.skipIf(!hasChromium())('the viewer', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    server = await startTestServer()
    for (const tenant of tenants) {
      const events = Array.from({ length: 12 }, (_, n) => eventOf(tenant, `${n}`))
      await server.post('/v1/events', events)
    }
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const open = (token: string, more: string = '') =>
    openViewer({ browser, url: `${server.url}/embed${more}#token=${token}` })

  test('its page names less than 100 KB of script, gzipped', async () => {
    expect(weighFirstPage('embed.html')).toBeLessThan(100 * 1_024)
  })

  test.each(tenants)(
    'a token of %s shows its events and nothing of the other tenant’s',
    async (tenant) => {
      const other = otherOf(tenant)
      await using viewer = await open(await makeToken(server, { tenant }))
      const { page, rows, search, details, live, answers, mishaps } = viewer
      const { entries } = (await server.ask(`/v1/events?tenant=${tenant}`)).json
      await expect.poll(() => rows.count()).toBe(entries.length)
      await page.getByText(`${entries.length} events`).waitFor()
      for (const typed of ['actor:', 'action:', 'source:', 'ip:', 'target:']) {
        await search.fill('')
        await search.pressSequentially(typed)
        await page.getByRole('option').first().waitFor()
      }
      for (const query of [
        `id:${other}-1`,
        `actor:${other}-user`,
        `"${other} person"`,
        `tenant:${other}`,
      ]) {
        await search.fill(query)
        await search.press('Enter')
        await page.getByText('Nothing fits').waitFor()
      }
      await search.fill(`id:${tenant}-3`)
      await search.press('Enter')
      await expect.poll(() => rows.count()).toBe(1)
      await rows.first().click()
      await details.getByText('Verified in this browser').waitFor()
      await details.getByRole('button', { name: 'Same session' }).click()
      await expect.poll(() => rows.count()).toBe(entries.length)
      await search.fill('')
      await search.press('Enter')
      await Promise.all([
        page.waitForResponse((response) => response.url().includes('/v1/stream')),
        live.click(),
      ])
      await server.post('/v1/events', [
        eventOf(other, `live-${tenant}`),
        eventOf(tenant, `live-${tenant}`, { action: `${tenant}.door.opened` }),
      ])
      await rows.filter({ hasText: `${tenant}.door.opened` }).waitFor()
      expect(await page.content()).not.toContain(`${other}-`)
      expect(answers.filter((text) => text.includes(`${other}-billing`))).toEqual([])
      expect(mishaps).toEqual([])
    },
  )

  test('a link that names another tenant, or its event, opens neither (T-12)', async () => {
    const token = await makeToken(server, { tenant: 'north' })
    await using viewer = await open(token, '?tenant=south&event=south/south-1&q=id:north-1')
    await expect.poll(() => viewer.rows.count()).toBe(1)
    await viewer.details.getByText('This event can’t be shown').waitFor()
    expect(await viewer.page.content()).not.toContain('south-billing')
    await viewer.page.goto(`${server.url}/embed#token=${token}&event=north/south-2`)
    // The other link's list, without the search of the first.
    await expect.poll(() => viewer.rows.count()).toBeGreaterThan(1)
    await viewer.details.getByText('This event can’t be shown').waitFor()
    expect(viewer.answers.filter((text) => text.includes('south-billing'))).toEqual([])
  })

  test('what its page can ask for by hand is no more than it shows', async () => {
    const filter = 'id:north-1,north-2'
    const token = await makeToken(server, { tenant: 'north', filter })
    await using viewer = await open(token)
    await expect.poll(() => viewer.rows.count()).toBe(2)
    const ask = (paths: readonly string[], method = 'GET') =>
      viewer.page.evaluate(
        `Promise.all(${JSON.stringify(paths)}.map((path) => fetch(path, {
          method: ${JSON.stringify(method)}, credentials: 'omit', body: ${method === 'GET' ? 'undefined' : "'{}'"},
          headers: { authorization: 'Bearer ${token}', 'content-type': 'application/json' },
        }).then(async (answer) => answer.status + ' ' + await answer.text())))`,
      ) as Promise<string[]> // as the script above makes them
    const forTenants = (path: string) => ['south', '_system'].map((name) => `${path}tenant=${name}`)
    const refused = await ask([
      ...forTenants('/v1/events?'),
      ...forTenants('/v1/events/south-1?'),
      ...forTenants('/v1/events/south-1/receipt?'),
      ...forTenants('/v1/histogram?interval=day&'),
      ...forTenants('/v1/values?field=actor&'),
      ...forTenants('/v1/stream?'),
      ...forTenants('/v1/export?'),
      ...['/v1/logs/south', '/v1/logs/_system', '/v1/logs/south/checkpoint', '/v1/export'],
      ...['/v1/keys', '/v1/users', '/v1/users/admin'],
    ])
    expect(refused.filter((answer) => !answer.startsWith('403'))).toEqual([])
    const acts = await ask(
      ['/v1/tokens', '/v1/keys', '/v1/users', '/v1/tenants', '/v1/events'],
      'POST',
    )
    expect(acts.filter((answer) => !/^4(03|22)/.test(answer))).toEqual([])
    const narrowed = await ask([
      '/v1/events',
      '/v1/events?tenant=*',
      '/v1/values?field=id',
      '/v1/logs',
    ])
    for (const answer of narrowed) expect(answer).not.toMatch(/south|_system|north-3/)
    expect(await ask(['/v1/events/north-3', '/v1/events/south-1'])).toEqual([
      expect.stringMatching(/^404/),
      expect.stringMatching(/^404/),
    ])
  })

  test('who is signed in to the console in the same browser widens nothing (T-12)', async () => {
    await using opened = await openConsole({ browser, server })
    await opened.signIn()
    await opened.search.waitFor()
    const url = `${server.url}/embed#token=${await makeToken(server, { tenant: 'north' })}`
    await using viewer = await openViewer({ browser, url, page: await opened.context.newPage() })
    const sent: Promise<Record<string, string>>[] = []
    viewer.page.on('request', (request) => {
      if (request.url().includes('/v1/')) sent.push(request.allHeaders())
    })
    await viewer.rows.first().waitFor()
    await viewer.rows.first().click()
    await viewer.details.getByText('Verified in this browser').waitFor()
    const headers = await Promise.all(sent)
    expect(headers.length).toBeGreaterThan(2)
    for (const { authorization, cookie } of headers) {
      expect([authorization?.slice(0, 10), cookie]).toEqual(['Bearer eyJ', undefined])
    }
    expect(await viewer.page.content()).not.toContain('south-')
    // A token that is no good does not fall back on the cookie.
    await viewer.page.goto(`${server.url}/embed?token=eyJ.nothing.good`)
    await viewer.page.getByRole('heading', { name: 'This view is over' }).waitFor()
    expect(await viewer.rows.count()).toBe(0)
  })

  test.each(['?token=', '#token='])(
    'a token in %s leaves the address bar, no request names it, and a reload keeps it',
    async (where) => {
      const token = await makeToken(server, { tenant: 'north' })
      const context = await browser.newContext()
      const page = await context.newPage()
      const named: string[] = []
      page.on('request', (request) => {
        const { referer = '' } = request.headers()
        if (!request.isNavigationRequest() && (request.url() + referer).includes(token)) {
          named.push(request.url())
        }
      })
      await using viewer = await openViewer({
        browser,
        page,
        url: `${server.url}/embed${where}${token}`,
      })
      await viewer.rows.first().waitFor()
      expect(page.url()).toBe(`${server.url}/embed`)
      expect(named).toEqual([])
      await page.reload()
      await viewer.rows.first().waitFor()
      expect(page.url()).toBe(`${server.url}/embed`)
      const kept = await page.evaluate(
        'JSON.stringify([localStorage, sessionStorage, document.cookie])',
      )
      expect(kept).not.toContain(token)
    },
  )

  test('the service writes a token in an address to no diagnostics', async () => {
    using folder = createTemporaryFolder()
    const environment = { INDELIBLE_LOG_LEVEL: 'trace' }
    const spawned = await spawnServer({ folder: folder.path, environment })
    try {
      const token = await makeToken(spawned, { tenant: 'default' })
      for (const path of ['/embed', '/embed/x', '/console', '/v1/events']) {
        await spawned.ask(`${path}?token=${token}`, { headers: { authorization: '' } })
      }
      expect(spawned.output().toString()).not.toContain(token)
      expect((await spawned.ask('/v1/events?tenant=_system')).text).not.toContain(token)
    } finally {
      await spawned.kill('SIGTERM')
    }
  })

  test('a token that ends is said so calmly, and what it showed is gone', async () => {
    const issuer = (
      await server.post('/v1/keys', { name: 'issuer', scopes: ['read'], tenants: ['north'] })
    ).json
    const headers = { authorization: `Bearer ${issuer.key}` }
    await using viewer = await open(await makeToken(server, { tenant: 'north' }, headers))
    await viewer.rows.first().waitFor()
    await viewer.search.focus()
    await server.ask(`/v1/keys/${issuer.id}`, { method: 'DELETE' })
    // By the keyboard, not the field: whatever the page asks first is refused, and the field is gone.
    await viewer.page.keyboard.type('actor:north-user')
    await viewer.page.keyboard.press('Enter')
    await viewer.page.getByRole('heading', { name: 'This view is over' }).waitFor()
    expect(await viewer.page.content()).not.toContain('north-user')
    expect(viewer.mishaps).toEqual([])
    await assertAccessible(viewer, 'over')
  })

  test('another link, pasted over one that is open, shows what it may and leaves the address', async () => {
    await using viewer = await open(await makeToken(server, { tenant: 'north' }))
    await viewer.rows.first().waitFor()
    const south = await makeToken(server, { tenant: 'south' })
    await viewer.page.goto(`${server.url}/embed#token=${south}`)
    await viewer.rows.filter({ hasText: 'south-user' }).first().waitFor()
    expect(viewer.page.url()).toBe(`${server.url}/embed`)
    expect(await viewer.page.content()).not.toContain('north-user')
    expect(viewer.mishaps).toEqual([])
  })

  test('without a token, and with a credential of another kind, it shows nothing', async () => {
    await using viewer = await openViewer({ browser, url: `${server.url}/embed` })
    await viewer.page.getByRole('heading', { name: 'Nothing to show here yet' }).waitFor()
    const { key } = (
      await server.post('/v1/keys', { name: 'k', scopes: ['read'], tenants: ['north'] })
    ).json
    await viewer.page.goto(`${server.url}/embed?token=${key}`)
    await viewer.page.getByRole('heading', { name: 'This can’t be shown' }).waitFor()
    expect(await viewer.rows.count()).toBe(0)
  })

  test('it exports where the token may, and offers it nowhere else', async () => {
    await using without = await open(await makeToken(server, { tenant: 'north' }))
    await without.live.waitFor()
    expect(await without.page.getByRole('button', { name: 'Export' }).count()).toBe(0)
    await using viewer = await open(await makeToken(server, { tenant: 'north', export: true }))
    await viewer.page.getByRole('button', { name: 'Export' }).click()
    await viewer.page.getByRole('dialog').waitFor()
  })

  test(`${payloads.length} hostile texts stay text in it (X-01, X-02, X-03, X-04)`, async () => {
    const events = payloads.map((payload, n) => ({
      tenant: 'hostile',
      ...hostileEvent(payload, n),
    }))
    expect((await server.post('/v1/events', events)).status).toBe(201)
    await using viewer = await open(await makeToken(server, { tenant: 'hostile' }))
    const { page, rows, details, mishaps } = viewer
    await rows.first().click()
    for (const n of [...payloads.keys()].reverse()) {
      await details.getByText(`xss-${n}`, { exact: true }).first().waitFor()
      expect(await findIntruders(page), `xss-${n}`).toEqual([])
      await page.keyboard.press('ArrowDown')
    }
    for (const parameter of [
      'q',
      'accent',
      'font',
      'radius',
      'theme',
      'since',
      'column',
      'event',
    ]) {
      const values = payloads.map((payload) => `${parameter}=${encodeURIComponent(payload)}`)
      await page.goto(`${server.url}/embed?${values[0]}`)
      await page.goto(`${server.url}/embed?${values.join('&')}`)
      await page.getByRole('heading').first().waitFor()
      expect(await findIntruders(page), parameter).toEqual([])
    }
    expect(mishaps).toEqual([])
  }, 120_000)

  test.each(looks)(
    'axe finds nothing against any state of it, $colours, $width wide',
    async ({ colours, width }) => {
      const url = `${server.url}/embed#token=${await makeToken(server, { tenant: 'north', export: true })}`
      const size = { width, height: 800 }
      await using viewer = await openViewer({ browser, url, size, colours })
      await viewer.rows.first().waitFor()
      await viewer.live.waitFor()
      await assertAccessible(viewer, 'results')
      await viewer.rows.first().click()
      await viewer.details.getByText('Verified in this browser').waitFor()
      await assertAccessible(viewer, 'details')
      await viewer.page.keyboard.press('Escape')
      await viewer.search.fill('id:none')
      await viewer.search.press('Enter')
      await viewer.page.getByText('Nothing fits').waitFor()
      await assertAccessible(viewer, 'nothing found')
      await viewer.page.goto(`${server.url}/embed?theme=${colours}`)
      await viewer.page.getByRole('heading').first().waitFor()
      await assertAccessible(viewer, 'no token')
    },
  )
})
