import { posix } from 'node:path'

/** The documents that are pages of the site; those of examples and of how we work are not. */
const isPage = /^(?:docs\/.+|README|ARCHITECTURE|(?:packages\/[\w-]+|vectors)\/README)\.md$/

/**
 * The page of a document: `docs/how-to/console.md` is `how-to/console.md`, `docs/README.md` the
 * first one, and the README of a folder is called like the folder.
 * @param path from the root of the repository
 * @returns a path below the site's base; undefined for what is no page
 */
export function pageOf(path: string): string | undefined {
  if (!isPage.test(path)) return undefined
  if (path === 'docs/README.md') return 'index.md'
  if (path === 'README.md') return 'overview.md'
  if (path === 'ARCHITECTURE.md') return 'architecture.md'
  return path.replace(/^docs\//, '').replace(/\/README\.md$/, '.md')
}

/**
 * Where a link of a document leads on the site. The documents' links are made for a forge: relative,
 * to files.
 * @returns another address, the same for what is not ours to change, or the path of a file of the
 * repository that the site does not have
 */
export function followLink(
  link: string,
  from: string,
): { readonly href: string } | { readonly file: string } {
  if (/^(?:[a-z]+:|#)/i.test(link)) return { href: link }
  const [target = '', anchor] = link.split('#')
  const path = posix.join(posix.dirname(from), target).replace(/\/$/, '')
  const page = pageOf(path)
  if (page === undefined) return { file: path }
  return { href: `/${page}${anchor === undefined ? '' : `#${anchor}`}` }
}
