import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { isInstalled } from './broker.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
)

export const hasChromium = (): boolean =>
  isInstalled(
    executablePath !== undefined,
    'Chromium is not installed: apt-get install --no-install-recommends chromium',
  )

/** The system's Chromium, without a window and without a word to anybody but the page's server. */
export async function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('Chromium is not installed.')
  // Loaded here: most tests have no use for it.
  const { chromium } = await import('playwright-core')
  return chromium.launch({
    executablePath,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
}
