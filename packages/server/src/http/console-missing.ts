import { hash } from 'node:crypto'

const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
code { font-size: 1rem; padding: .1rem .3rem; border: 1px solid; border-radius: .3rem }`

/** Nothing but this page's own style sheet may load. */
export const consoleMissingPolicy =
  `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; ` +
  "base-uri 'none'; frame-ancestors 'none'"

/** What stands at `/console` until the console is built. */
export const consoleMissingPage = `<!doctype html><html lang="en"><meta charset="utf-8">
<title>The console is not built – Indelible</title><meta name="viewport" content="width=device-width">
<style>${style}</style>
<h1>The console is not built yet</h1>
<p>The service runs, and takes and answers requests as ever. Its console is a web page that has to be
built once, which takes some seconds: run <code>npm run console</code> in Indelible’s folder, then
load this page again. If that fails, it says what is missing; mostly it is <code>npm ci</code>.</p>
<p>All that the console shows is in <a href="/docs">the HTTP API</a>, too.</p></html>
`
