import type { App } from './app.ts'
import { type BuiltFile, sendBuiltFile, sendBuiltPage } from './built-files.ts'
import { formatPagePolicy } from './page-policy.ts'

const headers = {
  'content-security-policy': formatPagePolicy({ forms: "'self'" }),
  // With `no-referrer` some browsers send `Origin: null`, and the log-in needs the real one.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** `favicon.svg`, `licences.json` and their like, which lie beside the page; every other path is one of the page's own. */
const fileBeside = /^[\w-]+\.(?:svg|png|ico|json|txt|webmanifest)$/

/**
 * The console at `/console`: one page that answers for every path below, and its assets; `/` leads
 * browsers there, and programs to the API's description.
 * @param options.folder what `npm run console` makes; it may come and go while the service runs
 */
export function registerConsole(app: App, options: { readonly folder: string }): void {
  const { folder } = options
  const hidden = { schema: { hide: true } }
  const page: BuiltFile = { folder, headers, path: 'index.html' }

  app.get('/console', hidden, (request, reply) => sendBuiltPage(request, reply, page))
  app.get<{ Params: { '*': string } }>('/console/*', hidden, (request, reply) => {
    const path = request.params['*']
    const isFile = path.startsWith('assets/') || fileBeside.test(path)
    return isFile
      ? sendBuiltFile(request, reply, { folder, headers, path })
      : sendBuiltPage(request, reply, page)
  })

  app.get('/', hidden, (request, reply) => {
    const isBrowser = request.headers.accept?.includes('text/html') === true
    return reply.header('vary', 'accept').redirect(isBrowser ? '/console' : '/docs')
  })
}
