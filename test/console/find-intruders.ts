import type { Page } from 'playwright-core'

/** What only a payload could have made. */
const intruders = [
  ...['iframe', 'object', 'embed', 'base', 'math', 'marquee', 'video', 'noscript > p', 'body form'],
  ...[
    'script:not([src^="/console/assets/"])',
    'meta[http-equiv]',
    '[href*="evil.example"]:not([href^="/console/"])',
  ],
  ...['[src*="evil.example"]', 'a[href^="javascript:" i]', 'a[href^="data:" i]', 'img[src="x"]'],
  ...['onerror', 'onload', 'onclick', 'onmouseover', 'onfocus', 'ontoggle'].map((n) => `[${n}]`),
].join(', ')

/** Elements of the page that it did not make itself, as markup. */
export const findIntruders = (page: Page) =>
  page
    .locator(intruders)
    .evaluateAll((elements: readonly { readonly outerHTML: string }[]) =>
      elements.map(({ outerHTML }) => outerHTML),
    )
