import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A page of somebody's own application, at an origin of its own, with Retraced's viewer in it. */
export interface ViewerPage extends AsyncDisposable {
  /** Its address for a viewer token and the service's `host`. */
  urlFor(token: string, host: string): string
}

const entry = 'viewer-page'
const source = `
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import Viewer from '@retracedhq/logs-viewer'
const [auditLogToken, host] = JSON.parse(decodeURIComponent(location.hash.slice(1)))
const refreshToken = () => { document.title = 'refresh' }
const props = { auditLogToken, host, header: 'Our audit log', refreshToken,
  toggleDisplay: { fields: true, metadata: true } }
createRoot(document.body.appendChild(document.createElement('main')))
  .render(createElement(Viewer, props))
`

export async function openViewerPage(): Promise<ViewerPage> {
  const script = await bundle()
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(
      isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    urlFor: (token, host) =>
      `http://127.0.0.1:${port}/#${encodeURIComponent(JSON.stringify([token, host]))}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The viewer as its package has it, with React, as a bundler of the application would. */
async function bundle(): Promise<string> {
  const root = fileURLToPath(new URL('../../packages/testkit/', import.meta.url))
  const output = await build({
    ...{
      root,
      configFile: false,
      logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
    },
    // The viewer looks into React 18 in ways that React 19 has no longer: the test kit has that.
    resolve: { dedupe: ['react', 'react-dom'] },
    plugins: [
      {
        name: entry,
        resolveId: (id) => (id === entry ? `${root}${entry}.js` : undefined),
        load: (id) => (id === `${root}${entry}.js` ? source : undefined),
      },
    ],
    build: { write: false, minify: false, rolldownOptions: { input: entry } },
  })
  const [built] = Array.isArray(output) ? output : [output]
  const chunk = built !== undefined && 'output' in built ? built.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error('the viewer was not bundled')
  return chunk.code
}
