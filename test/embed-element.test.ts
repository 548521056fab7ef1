import { readFileSync } from 'node:fs'
import { hasChromium, startBrowser, startTestServer, type TestServer } from '@indelible/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertAccessible } from './console/accessible.ts'
import { buildConsole } from './console/open-console.ts'
import { bundle } from './embed/bundle.ts'
import { type HostPage, startHostPage } from './embed/host-page.ts'
import { makeToken, openViewer } from './embed/open-viewer.ts'

const tenants = ['north', 'south'] as const

/** What the pages' scripts keep for the tests to look at. */
const read = <Value>(page: Page, expression: string) => page.evaluate(expression) as Promise<Value>

describe.skipIf(!hasChromium())('the viewer in a customer’s page', () => {
  let browser: Browser
  let server: TestServer
  let host: HostPage
  let stranger: HostPage
  const pages = new Map<string, string>()
  beforeAll(async () => {
    buildConsole()
    browser = await startBrowser()
    const serve = (path: string) => pages.get(path)
    host = await startHostPage(serve)
    stranger = await startHostPage(serve)
    server = await startTestServer({ config: { embedOrigins: [host.url] } })
    for (const tenant of tenants) {
      const events = Array.from({ length: 5 }, (_, n) => ({
        ...{
          tenant,
          id: `${tenant}-${n}`,
          action: `${tenant}.act`,
          actor: { id: `${tenant}-user` },
        },
      }))
      await server.post('/v1/events', events)
    }
  })
  afterAll(async () => {
    await browser?.close()
    for (const started of [server, host, stranger]) await started?.[Symbol.asyncDispose]()
  })

  /** A page with the element, and what happens to it, told in `heard`. */
  const elementPage = (script: string, more = '') => `
    <title>Portal</title>
    <indelible-viewer id="viewer" url="${server.url}" ${more}></indelible-viewer>
    <script>
      const viewer = document.getElementById('viewer')
      const heard = []
      for (const name of ['ready', 'expiring', 'expired']) {
        viewer.addEventListener('indelible-' + name, () => heard.push(name))
      }
      ${script}
    </script>
    <script type="module" src="${server.url}/embed/viewer.js"></script>`

  const openElement = async (script: string, more = '', options = {}) => {
    pages.set('/', elementPage(script, more))
    return openViewer({ browser, url: `${host.url}/`, isFramed: true, ...options })
  }
  const setToken = (token: string) => `viewer.token = ${JSON.stringify(token)}`

  test('only pages of the origins that are set hold it, and nobody any other page (S-09)', async () => {
    const token = await makeToken(server, { tenant: 'north' })
    pages.set(
      '/frame',
      `<iframe width="900" height="700" src="${server.url}/embed#token=${token}"></iframe>`,
    )
    pages.set('/console', `<iframe src="${server.url}/console"></iframe>`)
    await using shown = await openViewer({ browser, url: `${host.url}/frame`, isFramed: true })
    await shown.rows.first().waitFor()
    for (const url of [`${stranger.url}/frame`, `${host.url}/console`]) {
      await shown.page.goto(url)
      const [, frame] = shown.page.frames()
      expect(frame?.url(), url).toMatch(/^chrome-error:/)
    }
    // Where nothing is set, the service’s own pages alone.
    await using closed = await startTestServer()
    pages.set('/closed', `<iframe src="${closed.url}/embed"></iframe>`)
    await shown.page.goto(`${host.url}/closed`)
    expect(shown.page.frames()[1]?.url()).toMatch(/^chrome-error:/)
  })

  test('the element shows what the token may see, and the token is in no address', async () => {
    const token = await makeToken(server, { tenant: 'north' })
    const urls: string[] = []
    const context = await browser.newContext()
    const page = await context.newPage()
    page.on('request', (request) => urls.push(request.url(), request.headers().referer ?? ''))
    await using viewer = await openElement(setToken(token), 'query="id:north-1,north-2"', { page })
    await expect.poll(() => viewer.rows.count()).toBe(2)
    expect(await read(page, 'heard')).toEqual(['ready'])
    expect(await read(page, 'document.documentElement.outerHTML')).toContain('indelible-viewer')
    urls.push(...page.frames().map((frame) => frame.url()))
    expect(urls.filter((url) => url.includes(token))).toEqual([])
    expect(urls).toContain(`${server.url}/embed`)
    await viewer.rows.first().click()
    await viewer.details.getByText('Verified in this browser').waitFor()
    await page.evaluate(`viewer.setAttribute('query', 'id:north-3')`)
    await expect.poll(() => viewer.rows.count()).toBe(1)
    expect(viewer.mishaps).toEqual([])
  })

  test('other frames and openers can neither speak to it nor hear it (S-10)', async () => {
    const [mine, theirs] = [
      await makeToken(server, { tenant: 'north' }),
      await makeToken(server, { tenant: 'south' }),
    ]
    // Whoever has hold of its window tries what the host does.
    const attacker = `<title>Advert</title><script>
      const heardHere = []
      addEventListener('message', ({ data }) => heardHere.push(data))
      function attack(target) {
        for (const origin of ['*', ${JSON.stringify(server.url)}]) {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = ({ data }) => heardHere.push(data)
          target.postMessage({ indelible: 'connect' }, origin, [port2])
          port1.postMessage({ kind: 'token', token: ${JSON.stringify(theirs)} })
          target.postMessage({ kind: 'token', token: ${JSON.stringify(theirs)} }, origin)
        }
      }
    </script>`
    pages.set('/advert', attacker)
    const advertPage = `${stranger.url}/advert`
    const findAdvert = async (page: Page) => {
      const find = () => page.frames().find((frame) => frame.url() === advertPage)
      await expect.poll(find).toBeDefined()
      await find()?.waitForFunction('typeof attack === "function"')
      return find()
    }
    // In a plain frame, which every other frame of the page finds.
    pages.set(
      '/plain',
      `<title>Portal</title><iframe width="900" height="700" src="${server.url}/embed#token=${mine}"></iframe>
      <iframe src="${advertPage}"></iframe>
      <script>
        const heard = []
        function search(query) {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = ({ data }) => heard.push(data)
          frames[0].postMessage({ indelible: 'connect' }, ${JSON.stringify(server.url)}, [port2])
          port1.postMessage({ kind: 'query', query })
        }
      </script>`,
    )
    await using viewer = await openViewer({ browser, url: `${host.url}/plain`, isFramed: true })
    const { page, rows } = viewer
    await expect.poll(() => rows.count()).toBe(5)
    const advert = await findAdvert(page)
    await advert?.evaluate('attack(parent.frames[0])')
    // What the host says after that arrives after that.
    await page.evaluate(`search('id:north-4,south-4')`)
    await expect.poll(() => rows.count()).toBe(1)
    expect(await rows.first().innerText()).toContain('north.act')
    expect(await advert?.evaluate('heardHere')).toEqual([])
    // The element's frame is in a shadow tree: others do not even find it.
    pages.set('/', `${elementPage(setToken(mine))}<iframe src="${advertPage}"></iframe>`)
    await page.goto(`${host.url}/`)
    await expect.poll(() => read(page, 'heard')).toEqual(['ready'])
    expect(await (await findAdvert(page))?.evaluate('parent.frames[0] === self')).toBe(true)
    expect(await read(page, 'frames.length')).toBe(1)

    // A page that opened it in a window of its own.
    await page.goto(advertPage)
    await page.evaluate(
      `window.openIt = () => { window.opened = open('${server.url}/embed#connect') }`,
    )
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate('openIt()')])
    await popup.getByLabel('Loading events').waitFor()
    await page.evaluate('attack(opened)')
    await popup.evaluate('document.title')
    expect(await popup.getByRole('row').count()).toBe(0)
    expect(await page.evaluate('heardHere')).toEqual([])
  })

  test('what docs/how-to/embed.md shows for a page without a bundler works as it stands', async () => {
    const guide = readFileSync(new URL('../docs/how-to/embed.md', import.meta.url), 'utf8')
    const [, shown = ''] = /^```html\n(.*?)^```/ms.exec(guide) ?? []
    expect(shown).toContain('getToken')
    pages.set('/guide', shown.replaceAll('https://audit.example.com', server.url))
    const page = await (await browser.newContext()).newPage()
    const token = await makeToken(server, { tenant: 'north' })
    await page.route('**/audit-token', (route) => route.fulfill({ body: token }))
    await using viewer = await openViewer({
      browser,
      page,
      url: `${host.url}/guide`,
      isFramed: true,
    })
    await expect.poll(() => viewer.rows.count()).toBe(5)
    expect((await page.locator('indelible-viewer').boundingBox())?.height).toBe(640)
  })

  test('a token is renewed before it ends, unseen', async () => {
    const tokens: string[] = []
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.exposeFunction('fetchToken', async () => {
      const token = await makeToken(server, {
        tenant: 'north',
        ttl: tokens.length === 0 ? 10 : 600,
      })
      tokens.push(token)
      return token
    })
    await using viewer = await openElement('viewer.getToken = () => fetchToken()', '', { page })
    await expect.poll(() => viewer.rows.count()).toBe(5)
    await expect.poll(() => tokens.length).toBe(2)
    const first = { headers: { authorization: `Bearer ${tokens[0]}` } }
    await expect.poll(async () => (await server.ask('/v1/events', first)).status).toBe(401)
    await viewer.search.fill('id:north-1')
    await viewer.search.press('Enter')
    await expect.poll(() => viewer.rows.count()).toBe(1)
    expect(await read(page, 'heard')).not.toContain('expired')
    expect(tokens).toHaveLength(2)
  })

  test('a token that is over is said to be, and one set anew goes on where one was', async () => {
    await using viewer = await openElement(
      setToken(await makeToken(server, { tenant: 'north', ttl: 2 })),
    )
    const { page, rows, search } = viewer
    const over = page.frameLocator('iframe').getByRole('heading', { name: 'This view is over' })
    await over.waitFor()
    expect(await rows.count()).toBe(0)
    await expect.poll(() => read<string[]>(page, 'heard')).toContain('expired')
    await page.evaluate(setToken(await makeToken(server, { tenant: 'north' })))
    await expect.poll(() => rows.count()).toBe(5)
    await search.fill('id:north-1,north-2')
    await search.press('Enter')
    await expect.poll(() => rows.count()).toBe(2)
    // Another of the same kind changes nothing; one of another tenant leaves nothing of the first.
    await page.evaluate(setToken(await makeToken(server, { tenant: 'north' })))
    await expect.poll(() => rows.count()).toBe(2)
    await page.evaluate(`viewer.query = ''`)
    await page.evaluate(setToken(await makeToken(server, { tenant: 'south' })))
    await rows.filter({ hasText: 'south.act' }).first().waitFor()
    expect(await rows.filter({ hasText: 'north.act' }).count()).toBe(0)
  })

  test('a page that can give no token is asked once, and then by whoever looks on', async () => {
    await using viewer = await openElement(
      `window.asked = 0; viewer.getToken = async () => { asked += 1; throw new Error('no backend') }`,
    )
    const frame = viewer.page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'Nothing to show here yet' }).waitFor()
    expect(await read(viewer.page, 'asked')).toBe(1)
    await frame.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => read(viewer.page, 'asked')).toBe(2)
  })

  test('the React component does the same, and shows another token’s tenant when it is given one', async () => {
    pages.set(
      '/react.js',
      await bundle(`
        import { createElement, StrictMode, useState } from 'react'
        import { createRoot } from 'react-dom/client'
        import { IndelibleViewer } from '@indelible/viewer/react'
        window.heard = []
        function Page() {
          const [tenant, setTenant] = useState('north')
          window.show = setTenant
          return createElement(IndelibleViewer, {
            key: tenant, url: ${JSON.stringify(server.url)}, theme: 'dark', className: 'log',
            style: { height: 500, '--indelible-accent': '#b5179e' },
            getToken: () => window.fetchToken(tenant), onReady: () => heard.push(tenant),
          })
        }
        createRoot(document.getElementById('root')).render(createElement(StrictMode, null, createElement(Page)))`),
    )
    pages.set(
      '/react',
      '<title>Portal</title><div id="root"></div><script type="module" src="/react.js"></script>',
    )
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.exposeFunction('fetchToken', (tenant: string) => makeToken(server, { tenant }))
    await using viewer = await openViewer({
      browser,
      page,
      url: `${host.url}/react`,
      isFramed: true,
    })
    await expect.poll(() => viewer.rows.count()).toBe(5)
    const box = await page.locator('indelible-viewer.log').boundingBox()
    expect(box?.height).toBe(500)
    expect(await page.locator('indelible-viewer iframe').count()).toBe(1)
    const root = page.frameLocator('iframe').locator('html')
    expect(await root.getAttribute('data-theme')).toBe('dark')
    await page.evaluate(`show('south')`)
    await viewer.rows.filter({ hasText: 'south.act' }).first().waitFor()
    expect(await viewer.rows.filter({ hasText: 'north.act' }).count()).toBe(0)
    expect(await read(page, '[...new Set(heard)]')).toEqual(['north', 'south'])
    expect(viewer.mishaps).toEqual([])
  })

  /** What the viewer's own style sheets see. */
  const readStyle = (page: Page, name: string) =>
    page
      .frameLocator('iframe')
      .locator('html')
      .evaluate((element, property) => {
        const view = (element as unknown as { ownerDocument: { defaultView: typeof globalThis } })
          .ownerDocument.defaultView
        // biome-ignore lint/suspicious/noExplicitAny: the tests' types know no browser
        return (view as any).getComputedStyle(element).getPropertyValue(property) as string
      }, name)

  test('its colours are those of the page’s style sheet, and change with them', async () => {
    const css = `<style>
      indelible-viewer { --indelible-accent: #b5179e; --indelible-radius: 14px; --indelible-font: Georgia, serif }
      .night indelible-viewer { --indelible-background: #1b1033; --indelible-accent: gold }
    </style>`
    await using viewer = await openElement(setToken(await makeToken(server, { tenant: 'north' })))
    const { page, rows } = viewer
    await page.evaluate(`document.head.insertAdjacentHTML('beforeend', ${JSON.stringify(css)});
      document.documentElement.className = 'day'`)
    await rows.first().waitFor()
    await expect.poll(() => readStyle(page, '--accent')).toBe('rgb(181 23 158)')
    expect(await readStyle(page, '--radius')).toBe('min(14px, 20px)')
    expect(await readStyle(page, '--sans')).toBe('Georgia, serif')
    await page.evaluate(`document.documentElement.className = 'night'`)
    await expect.poll(() => readStyle(page, '--bg')).toBe('rgb(27 16 51)')
    expect(await readStyle(page, '--accent')).toBe('rgb(255 215 0)')
    expect(await page.frameLocator('iframe').locator('html').getAttribute('data-theme')).toBe(
      'dark',
    )
  })

  test('what is no colour, or could not be read, is not put on (X-05)', async () => {
    const token = await makeToken(server, { tenant: 'north' })
    await using viewer = await openViewer({ browser, url: `${server.url}/embed#token=${token}` })
    const { page } = viewer
    const styleFor = async (parameter: string, value: string, name: string): Promise<string> => {
      await page.goto('about:blank')
      await page.goto(
        `${server.url}/embed#token=${token}&${parameter}=${encodeURIComponent(value)}`,
      )
      await viewer.rows.first().waitFor()
      return read<string>(
        page,
        `getComputedStyle(document.documentElement).getPropertyValue('${name}')`,
      )
    }
    const usual = await styleFor('theme', 'light', '--bg')
    for (const value of [
      'url(//evil.example)',
      'var(--bad)',
      'red;}',
      'transparent',
      '#777',
      'rgb(0 0 0 / 50%)',
    ]) {
      expect(await styleFor('background', value, '--bg'), value).toBe(usual)
    }
    for (const [name, value] of [
      ['font', 'x; } body { display: none'],
      ['font', 'url(//evil.example)'],
      ['radius', 'calc(1px)'],
      ['radius', '9999px'],
    ] as const) {
      expect(
        await styleFor(name, value, name === 'font' ? '--sans' : '--radius'),
        value,
      ).not.toContain(value)
    }
    // Yellow on white can’t be read: it is darkened as far as it takes.
    const accent = await styleFor('accent', 'yellow', '--accent')
    expect(accent).not.toBe('rgb(255 255 0)')
    await assertAccessible(viewer, 'yellow')
    for (const colours of [
      'accent=%23b5179e&background=%23fff7ed&surface=%23fffdfa',
      'accent=gold&background=%231b1033&text=%23fdf6ff',
    ]) {
      await page.goto('about:blank')
      await page.goto(`${server.url}/embed#token=${token}&${colours}`)
      await viewer.rows.first().click()
      await viewer.details.getByText('Verified in this browser').waitFor()
      await assertAccessible(viewer, colours)
    }
    expect(viewer.mishaps).toEqual([])
  })
})
