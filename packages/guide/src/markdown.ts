import { relative } from 'node:path'
import type { MarkdownOptions } from 'vitepress'
import { formatAnchor } from './anchors.ts'
import { codeColours, namePlainly } from './code-colours.ts'
import { followLink } from './pages.ts'

type Renderer = Parameters<NonNullable<MarkdownOptions['config']>>[0]

/** How the documents are read: as on a forge, with the site's own addresses in their links. */
export const createMarkdown = (root: string): MarkdownOptions => ({
  // A forge knows none of VitePress's additions: what looks like one is meant as it stands.
  ...{ html: false, linkify: false, attrs: false, emoji: false, snippet: false, include: false },
  anchor: { slugify: formatAnchor },
  theme: codeColours,
  codeTransformers: [namePlainly],
  config(renderer) {
    followLinks(renderer, root)
    leaveOutDiagrams(renderer)
    alignByClass(renderer)
    takeNamedPlaces(renderer)
    keepBraces(renderer)
  },
})

/** Links to files that the site does not have say their name instead. */
function followLinks(renderer: Renderer, root: string): void {
  renderer.core.ruler.push('follow_links', ({ tokens, env }) => {
    const from = relative(root, env.realPath ?? env.path).replaceAll('\\', '/')
    for (const { children } of tokens) {
      let file: string | undefined
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const target = followLink(String(token.attrGet('href')), from)
          file = 'file' in target ? target.file : undefined
          if ('href' in target) token.attrSet('href', target.href)
        }
        if (file === undefined) continue
        if (token.type === 'link_open') {
          token.tag = 'span'
          token.attrs = [['title', `In the repository: ${file}`]]
        }
        if (token.type === 'link_close') {
          token.tag = 'span'
          file = undefined
        }
      }
    }
  })
}

/** A forge draws them; each has its words below it. */
function leaveOutDiagrams(renderer: Renderer): void {
  const { fence } = renderer.renderer.rules
  renderer.renderer.rules.fence = (tokens, at, ...rest) =>
    tokens[at]?.info.trim() === 'mermaid' ? '' : (fence?.(tokens, at, ...rest) ?? '')
}

/** Vue would compute what stands between two braces. */
function keepBraces({ renderer }: Renderer): void {
  const { text } = renderer.rules
  renderer.rules.text = (...given) => (text?.(...given) ?? '').replaceAll('{{', '&#123;&#123;')
}

/** The service's policy lets no page style its elements inline. */
function alignByClass({ core }: Renderer): void {
  core.ruler.push('align_by_class', ({ tokens }) => {
    for (const token of tokens) {
      const [, side] = /^text-align:(\w+)$/.exec(String(token.attrGet('style'))) ?? []
      if (side !== undefined) token.attrs = [['class', side]]
    }
  })
}

/** The one tag that the documents have: a place in a table that links lead to. */
function takeNamedPlaces({ inline }: Renderer): void {
  inline.ruler.push('named_place', (state, isSilent) => {
    const [tag] = /^<a id="[\w-]+"><\/a>/.exec(state.src.slice(state.pos)) ?? []
    if (tag === undefined) return false
    if (!isSilent) state.push('html_inline', '', 0).content = tag
    state.pos += tag.length
    return true
  })
}
