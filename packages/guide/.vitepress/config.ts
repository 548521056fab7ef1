import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { home } from '../src/home.ts'
import { createMarkdown } from '../src/markdown.ts'
import { pageOf } from '../src/pages.ts'
import { map, readSidebar } from '../src/sidebar.ts'

const root = join(import.meta.dirname, '../../..')

export default defineConfig({
  lang: 'en-GB',
  title: 'Indelible',
  titleTemplate: ':title – Indelible',
  description: 'The audit log that anyone can run in one command and prove to a sceptic.',
  base: '/docs/guide/',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/docs/guide/favicon.svg' }]],
  // Else it writes a style sheet into the page, which the service's policy forbids.
  appearance: { disableTransition: false },
  cleanUrls: true,
  ignoreDeadLinks: 'localhostLinks',
  // The documents lie all over the repository, and link to each other there.
  srcDir: root,
  srcExclude: ['!(docs|packages|vectors)/**/*.md', '!(README|ARCHITECTURE).md', 'packages/*/*/**'],
  // VitePress would run every config.ts below srcDir.
  additionalConfig: {},
  rewrites: (path) => pageOf(path) ?? path,
  cacheDir: join(import.meta.dirname, '../.vite'),
  markdown: createMarkdown(root),
  vite: {
    publicDir: join(root, 'packages/console/public'),
    build: { license: { fileName: 'licences.json' } },
  },
  transformPageData: ({ relativePath }) =>
    relativePath === 'index.md' ? { title: 'Documents', frontmatter: home } : undefined,
  themeConfig: {
    siteTitle: 'Indelible',
    logo: '/favicon.svg',
    nav: [
      { text: 'Tutorial', link: '/tutorials/first-trail' },
      { text: 'Settings', link: '/reference/settings' },
      { text: 'Command line', link: '/reference/cli' },
    ],
    sidebar: readSidebar(readFileSync(join(root, map), 'utf8')),
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
