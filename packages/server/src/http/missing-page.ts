import { hash } from 'node:crypto'

const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
code { font-size: 1rem; padding: .1rem .3rem; border: 1px solid; border-radius: .3rem }`

/** Nothing but this page's own style sheet may load. */
export const missingPagePolicy =
  `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; ` +
  "base-uri 'none'; frame-ancestors 'none'"

/** What stands where a page is not built: the console, the viewer, the API's page, the documents. */
export const missingPage = `<!doctype html><html lang="en"><meta charset="utf-8">
<title>This page is not built – Indelible</title><meta name="viewport" content="width=device-width">
<style>${style}</style>
<h1>This page is not built yet</h1>
<p>The service runs, and takes and answers requests as ever. Its pages have to be built once, which
takes some seconds: run <code>npm run console</code> in Indelible’s folder, for the documents
<code>npm run guide</code>, then load this page again. If that fails, it says what is missing; mostly
it is <code>npm ci</code>.</p>
<p>All that the console shows is in the HTTP API, too: <a href="/openapi.json">its description</a>.</p></html>
`
