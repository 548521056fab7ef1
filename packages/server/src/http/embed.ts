import type { App } from './app.ts'
import { type BuiltFile, sendBuiltFile, sendBuiltPage } from './built-files.ts'
import { formatPagePolicy } from './page-policy.ts'

/**
 * `/embed`, the viewer that stands in other sites' pages, and `/embed/viewer.js`, the element that
 * puts it there. Both are the same for everybody: what the viewer shows it asks for with a viewer
 * token. A token in the query is not read here, nor written anywhere.
 * @param options.folder what `npm run console` makes
 * @param options.origins whose pages may hold the viewer, beside our own
 */
export function registerEmbed(
  app: App,
  options: { readonly folder: string; readonly origins: readonly string[] },
): void {
  const { folder } = options
  const hidden = { schema: { hide: true } }
  const page: BuiltFile = {
    folder,
    path: 'embed.html',
    headers: {
      'content-security-policy': formatPagePolicy({ frames: ["'self'", ...options.origins] }),
      // The address may hold a token until the page's script has taken it out.
      'referrer-policy': 'no-referrer',
      // Opened by itself, it has no tie to the page that opened it.
      'cross-origin-opener-policy': 'same-origin',
      // A host that isolates itself (COEP) may hold it, too.
      'cross-origin-resource-policy': 'cross-origin',
    },
  }
  const script: BuiltFile = {
    folder,
    path: 'viewer.js',
    headers: {
      // For a script of type `module`, which other sites' pages ask for by CORS.
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    },
  }
  app.get('/embed', hidden, (request, reply) =>
    // It knows one origin or none; the policy above says who may.
    sendBuiltPage(request, reply.removeHeader('x-frame-options'), page),
  )
  app.get('/embed/viewer.js', hidden, (request, reply) => sendBuiltFile(request, reply, script))
}
