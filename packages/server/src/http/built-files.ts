import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { missingPage, missingPagePolicy } from './missing-page.ts'

/** A file that a build left in a folder; it may come and go while the service runs. */
export interface BuiltFile {
  readonly folder: string
  /** Below the folder, with `/`. An attacker's: what is no plain name is not found. */
  readonly path: string
  /** Beside those that every answer has. */
  readonly headers: Readonly<Record<string, string>>
}

/** What builds make; a file of another kind is not served, its compressed copy by itself neither. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** No segment that begins with a dot, so nothing above the folder; no `\`, `%` or NUL at all. */
const plainPath = /^[\w@-][\w.@-]*(?:\/[\w@-][\w.@-]*)*$/

/** Names below `assets/` have a hash of what is in them. */
const cachingOf = (path: string): string =>
  path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'

/** The smaller first. */
const encodings = [
  { coding: 'br', suffix: '.br' },
  { coding: 'gzip', suffix: '.gz' },
] as const

/** Sends a built file, as small as the caller takes it; where there is none, a problem or what is given. */
export async function sendBuiltFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: BuiltFile,
  sendElse: () => FastifyReply | Promise<FastifyReply> = () => {
    reply.callNotFound()
    return reply
  },
): Promise<FastifyReply> {
  const found = await readBuilt(file, request.headers['accept-encoding'] ?? '')
  // Without the file's headers: what is missing must not be kept for a year.
  if (found === undefined) return sendElse()
  const { content, coding } = found
  // Of what is sent: the same on every node, and another for each coding (RFC 9110, 8.8.3.3).
  const etag = `"${hash('sha256', content, 'base64url')}"`
  const caching = cachingOf(file.path)
  reply.headers({ ...file.headers, etag, vary: 'accept-encoding', 'cache-control': caching })
  if (request.headers['if-none-match']?.includes(etag) === true) return reply.code(304).send()
  if (coding !== undefined) reply.header('content-encoding', coding)
  return reply.type(mediaTypes[extname(file.path)] ?? '').send(content)
}

/** The same of a page; where it is not built, one that says how. */
export const sendBuiltPage = (request: FastifyRequest, reply: FastifyReply, file: BuiltFile) =>
  sendBuiltFile(request, reply, file, () =>
    reply
      .code(503)
      .header('content-security-policy', missingPagePolicy)
      .type('text/html; charset=utf-8')
      .send(missingPage),
  )

async function readBuilt({ folder, path }: BuiltFile, accepted: string) {
  if (!plainPath.test(path) || !(extname(path) in mediaTypes)) return undefined
  for (const { coding, suffix } of encodings) {
    if (!accepts(accepted, coding)) continue
    const content = await readIfThere(join(folder, `${path}${suffix}`))
    if (content !== undefined) return { content, coding }
  }
  const content = await readIfThere(join(folder, path))
  return content === undefined ? undefined : { content, coding: undefined }
}

/** Named in `Accept-Encoding` and not refused there by `;q=0` (RFC 9110, 12.5.3). */
const accepts = (header: string, coding: string): boolean =>
  header.split(',').some((item) => {
    const [name = '', ...weights] = item.split(';').map((part) => part.trim().toLowerCase())
    return name === coding && !weights.some((weight) => /^q\s*=\s*0(?:\.0*)?$/.test(weight))
  })

/** A folder's name is no file either, nor is one that no file can have: strangers make them up. */
const notThere: ReadonlySet<string> = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'])

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (notThere.has(code)) return undefined
    throw error
  }
}
