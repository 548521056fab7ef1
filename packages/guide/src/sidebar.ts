import type { DefaultTheme } from 'vitepress'
import { followLink } from './pages.ts'

type Item = DefaultTheme.SidebarItem

/** The document that lists them all. */
export const map = 'docs/README.md'

/**
 * The sidebar says what the map of the documents says, in its order.
 * @param text the map: `##` begins a part, `###` a part of it, and an item of a list is a page
 */
export function readSidebar(text: string): Item[] {
  const parts: Item[] = []
  let items: Item[] = []
  for (const line of text.split('\n')) {
    const [, marks, heading = ''] = /^(##|###) (.+)$/.exec(line) ?? []
    const [, name = '', link = ''] = /^- \[([^\]]+)\]\(([^)]+)\)/.exec(line) ?? []
    if (marks !== undefined) {
      items = []
      const part = { text: heading, items, collapsed: heading === 'Decisions' }
      if (marks === '##') parts.push(part)
      else parts.at(-1)?.items?.push(part)
    } else if (name !== '') {
      const target = followLink(link, map)
      if ('href' in target) items.push({ text: name, link: target.href.replace(/\.md$/, '') })
    }
  }
  return parts
}
