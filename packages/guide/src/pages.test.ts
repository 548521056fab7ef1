import { expect, test } from 'vitest'
import { followLink, pageOf } from './pages.ts'
import { readSidebar } from './sidebar.ts'

test('a document has its page where its folder says, and a README is called like its folder', () => {
  for (const [path, page] of [
    ['docs/README.md', 'index.md'],
    ['README.md', 'overview.md'],
    ['docs/how-to/console.md', 'how-to/console.md'],
    ['packages/client/README.md', 'packages/client.md'],
    ['examples/items-api/README.md', undefined],
    ['packages/server/src/main.ts', undefined],
  ] as const) {
    expect(pageOf(path), path).toBe(page)
  }
})

test('a link to a document leads to its page, to any other file nowhere, and elsewhere as it stood', () => {
  const from = 'docs/how-to/console.md'
  for (const [link, target] of [
    ['embed.md#a-theme', { href: '/how-to/embed.md#a-theme' }],
    ['../../README.md', { href: '/overview.md' }],
    ['../../packages/client/README.md', { href: '/packages/client.md' }],
    ['../../test/console.test.ts', { file: 'test/console.test.ts' }],
    ['../adr', { file: 'docs/adr' }],
    ['#find', { href: '#find' }],
    ['https://c2sp.org', { href: 'https://c2sp.org' }],
  ] as const) {
    expect(followLink(link, from), link).toEqual(target)
  }
})

test('the sidebar has the parts of the map, in its order', () => {
  const map =
    '# Documents\n\n## Learn\n\n- [First](tutorials/first.md): start\n\n## Do\n\n### Send\n\n- [By queue](how-to/queue.md)\n'
  expect(readSidebar(map)).toEqual([
    { text: 'Learn', collapsed: false, items: [{ text: 'First', link: '/tutorials/first' }] },
    {
      text: 'Do',
      collapsed: false,
      items: [
        { text: 'Send', collapsed: false, items: [{ text: 'By queue', link: '/how-to/queue' }] },
      ],
    },
  ])
})
