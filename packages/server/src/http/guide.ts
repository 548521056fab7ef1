import { extname } from 'node:path'
import type { App } from './app.ts'
import { type BuiltFile, sendBuiltFile, sendBuiltPage } from './built-files.ts'
import { formatPagePolicy } from './page-policy.ts'

const headers = {
  'content-security-policy': formatPagePolicy(),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

/**
 * The documents of this version, at `/docs/guide/`: open to everybody, like the API's description.
 * A page's address has no ending; what has one is a file of the site.
 * @param options.folder what `npm run guide` makes; it may come and go while the service runs
 */
export function registerGuide(app: App, options: { readonly folder: string }): void {
  const { folder } = options
  const hidden = { schema: { hide: true } }
  const at = (path: string): BuiltFile => ({ folder, headers, path })

  // Without the slash the pages' relative links would lead elsewhere.
  app.get('/docs/guide', hidden, (_, reply) => reply.redirect('/docs/guide/'))
  app.get<{ Params: { '*': string } }>('/docs/guide/*', hidden, (request, reply) => {
    const path = request.params['*']
    if (path === '') return sendBuiltPage(request, reply, at('index.html'))
    if (extname(path) !== '') return sendBuiltFile(request, reply, at(path))
    return sendBuiltFile(request, reply, at(`${path}.html`), () =>
      sendBuiltPage(request, reply.code(404), at('404.html')),
    )
  })
}
