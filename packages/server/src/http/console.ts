import { existsSync } from 'node:fs'
import { join } from 'node:path'
import serveStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { App } from './app.ts'
import { consoleMissingPage, consoleMissingPolicy } from './console-missing.ts'

/** Scripts, styles and answers of our own alone; nothing inline, and in nobody's frame. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Beside those that every answer has. */
const pageHeaders = {
  'content-security-policy': policy,
  // With `no-referrer` some browsers send `Origin: null`, and the log-in needs the real one.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** Their names have a hash of what is in them. */
const assetsCaching = 'public, max-age=31536000, immutable'

/** `favicon.svg` and its like, which lie beside the page; every other path is one of the page's own. */
const fileBeside = /^[\w-]+\.(?:svg|png|ico|txt|webmanifest)$/

/**
 * The console at `/console`: one page that answers for every path below, and its assets; `/` leads
 * browsers there, and programs to the API's description.
 * @param options.folder what `npm run console` makes; it may come and go while the service runs
 */
export async function registerConsole(
  app: App,
  options: { readonly folder: string },
): Promise<void> {
  const { folder } = options
  const assets = join(folder, 'assets/')
  const hidden = { schema: { hide: true } }

  const sendPage = (reply: FastifyReply): FastifyReply => {
    if (existsSync(join(folder, 'index.html'))) return reply.sendFile('index.html')
    return reply
      .code(503)
      .header('content-security-policy', consoleMissingPolicy)
      .type('text/html; charset=utf-8')
      .send(consoleMissingPage)
  }

  await app.register(async (scope) => {
    await scope.register(serveStatic, {
      root: folder,
      serve: false,
      cacheControl: false,
      preCompressed: true,
      suppressWarning: true,
      // Of files that are there: a 404 must not be kept for a year.
      setHeaders: (reply, path) =>
        reply.headers({
          ...pageHeaders,
          'cache-control': path.startsWith(assets) ? assetsCaching : 'no-cache',
        }),
    })
    scope.get('/console', hidden, (_, reply) => sendPage(reply))
    scope.get<{ Params: { '*': string } }>('/console/*', hidden, (request, reply) => {
      const path = request.params['*']
      const isFile = path.startsWith('assets/') || fileBeside.test(path)
      return isFile ? reply.sendFile(path) : sendPage(reply)
    })
  })

  app.get('/', hidden, (request, reply) => {
    const isBrowser = request.headers.accept?.includes('text/html') === true
    return reply.header('vary', 'accept').redirect(isBrowser ? '/console' : '/docs')
  })
}
