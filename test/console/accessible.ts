import axe from 'axe-core'
import { expect } from 'vitest'
import type { OpenConsole } from './open-console.ts'

/** What each page and dialog is looked at in. */
export const looks = [
  { colours: 'light', width: 1280 },
  { colours: 'dark', width: 1280 },
  { colours: 'light', width: 390 },
  { colours: 'dark', width: 390 },
] as const

/**
 * What axe holds against every open menu of Base UI: the guards beside it, which hand the focus on
 * and are no stops for a reader, and that it is drawn beside the page's landmarks.
 */
const ofEveryMenu = ['aria-hidden-focus', 'region']

/** By WCAG 2.2 A and AA, as far as a program can tell. */
export async function assertAccessible(
  { page }: Pick<OpenConsole, 'page'>,
  state: string,
): Promise<void> {
  await page.evaluate(axe.source)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const off = (await page.getByRole('menu').count()) === 0 ? [] : ofEveryMenu
  const rules = Object.fromEntries(off.map((id) => [id, { enabled: false }]))
  const found = await page.evaluate(
    `axe.run(document, ${JSON.stringify({ runOnly: tags, rules })}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' | ')))`,
  )
  expect(found, state).toEqual([])
}
