import { posix } from 'node:path'
import { formatAnchor } from '../../packages/guide/src/anchors.ts'
import { type Finding, isTest, type Repository } from './repository.ts'

export interface DocumentRules {
  /** Names of files in documents that are no files of the repository. */
  readonly notFiles: readonly string[]
}

/** A document names only files that exist: in links, in code spans, and in comments of the code. */
export function checkDocuments(repository: Repository, rules: DocumentRules): Finding[] {
  const { paths, sources } = repository
  const documents = paths.filter((path) => path.endsWith('.md'))
  return [
    ...findUnmapped(repository),
    ...documents.flatMap((path) => [
      ...checkLinks(repository, path),
      ...checkCodeSpans(repository, path, rules),
    ]),
    ...sources
      .filter(({ path }) => !isTest(path))
      .flatMap(({ path }) => checkMentions(repository, path)),
  ]
}

const map = 'docs/README.md'

/** What the map of the documents leaves out, nobody finds: the site's sidebar is made of it, too. */
function findUnmapped({ paths, read }: Repository): Finding[] {
  if (!paths.includes(map)) return []
  const linked = [...read(map).matchAll(/\]\(([^)\s]+)\)/g)].map((match) =>
    posix.join(posix.dirname(map), match[1] ?? ''),
  )
  return paths
    .filter((path) => path.startsWith('docs/') && path.endsWith('.md') && path !== map)
    .filter((path) => !linked.includes(path))
    .map((path) => ({ path, rule: 'documents', detail: `has no line in ${map}` }))
}

function checkLinks({ paths, read }: Repository, path: string): Finding[] {
  const text = withoutFences(read(path))
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
    const link = match[1] ?? ''
    if (/^[a-z]+:/.test(link)) return []
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : posix.join(posix.dirname(path), file)
    const found = { path, line: lineOf(text, match.index), rule: 'documents' }
    const isFolder = paths.some((other) => other.startsWith(`${target.replace(/\/$/, '')}/`))
    if (!paths.includes(target)) {
      return isFolder ? [] : [{ ...found, detail: `links to ${link}, which does not exist` }]
    }
    if (anchor === undefined || !target.endsWith('.md')) return []
    const isThere = anchorsOf(read(target)).has(anchor)
    return isThere ? [] : [{ ...found, detail: `links to ${link}, which has no such heading` }]
  })
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
  return new Set(headings.map(formatAnchor))
}

function checkCodeSpans(
  { paths, read }: Repository,
  path: string,
  { notFiles }: DocumentRules,
): Finding[] {
  const text = withoutFences(read(path))
  const topFolders = new Set(paths.filter((other) => other.includes('/')).map(topOf))
  return [...text.matchAll(/`([^`\s]+)`/g)].flatMap((match) => {
    const name = (match[1] ?? '').replace(/^\.?\//, '').replace(/\/$/, '')
    if (!/^[\w.@-]+(\/[\w.@-]+)*$/.test(name) || notFiles.includes(name)) return []
    const isCode = /.\.(ts|tsx|mjs|md)$/.test(name)
    const isPath = name.includes('/') && topFolders.has(topOf(name))
    if (!isCode && !isPath) return []
    const exists = paths.some(
      (other) =>
        other === name ||
        other.startsWith(`${name}/`) ||
        (isCode && other.endsWith(`/${name}`)) ||
        other === posix.join(posix.dirname(path), name),
    )
    if (exists) return []
    const line = lineOf(text, match.index)
    return [{ path, line, rule: 'documents', detail: `names ${name}, which does not exist` }]
  })
}

function checkMentions({ paths, read }: Repository, path: string): Finding[] {
  const text = read(path)
  return [...text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
    .filter(([name]) => !paths.includes(name))
    .map((match) => ({
      path,
      line: lineOf(text, match.index),
      rule: 'documents',
      detail: `names ${match[0]}, which does not exist`,
    }))
}

const topOf = (path: string): string => path.split('/')[0] ?? ''
const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length
/** Code blocks blanked, so that lines keep their numbers. */
const withoutFences = (text: string): string =>
  text.replace(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''))
