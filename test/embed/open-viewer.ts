import type { TestServer } from '@indelible/testkit'
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core'

/** The viewer as a customer has it open, by itself or in somebody's page. */
export interface OpenViewer extends AsyncDisposable {
  readonly page: Page
  readonly search: Locator
  readonly details: Locator
  /** Rows of the results, without those of the head. */
  readonly rows: Locator
  readonly live: Locator
  /** What must never happen, as it happened. */
  readonly mishaps: readonly string[]
  /** Every answer of the API, as text. */
  readonly answers: readonly string[]
}

/**
 * @param options.url the viewer itself, or the page that holds it in a frame
 * @param options.page an open window, of whoever is signed in there
 */
export async function openViewer(options: {
  readonly browser: Browser
  readonly url: string
  readonly page?: Page
  readonly isFramed?: boolean
  readonly size?: { readonly width: number; readonly height: number }
  readonly colours?: 'light' | 'dark'
}): Promise<OpenViewer> {
  const { browser, url, size = { width: 1280, height: 800 }, colours = 'light' } = options
  const looks = { viewport: size, colorScheme: colours, reducedMotion: 'reduce' } as const
  const page = options.page ?? (await (await browser.newContext(looks)).newPage())
  const mishaps: string[] = []
  const answers: string[] = []
  page.on('dialog', (dialog) => {
    mishaps.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => mishaps.push(`error: ${error.message}`))
  page.on('response', (response) => {
    if (!response.url().includes('/v1/') || response.url().includes('/v1/stream')) return
    // An answer that was given up has no text.
    response.text().then(
      (text) => answers.push(text),
      () => undefined,
    )
  })
  await page.goto(url)
  const place: Page | FrameLocator =
    options.isFramed === true ? page.frameLocator('iframe').first() : page
  return {
    page,
    search: place.getByRole('searchbox', { name: 'Search events' }),
    details: place.getByRole('region', { name: 'Event details' }),
    rows: place.getByRole('row').filter({ hasNot: place.getByRole('columnheader') }),
    live: place.getByRole('button', { name: 'Live', exact: true }),
    mishaps,
    answers,
    [Symbol.asyncDispose]: () => page.context().close(),
  }
}

/** A viewer token of a tenant. */
export async function makeToken(
  server: Pick<TestServer, 'post'>,
  body: Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Promise<string> {
  const { status, json, text } = await server.post('/v1/tokens', body, headers)
  if (status !== 201) throw new Error(text)
  return json.token
}
