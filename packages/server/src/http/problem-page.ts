import { hash } from 'node:crypto'
import { problemCodes } from '@indelible/protocol'
import { problemGuide } from './problem-guide.ts'
import { problemTable } from './problems.ts'

const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
section:target { outline: 2px solid; outline-offset: .5rem }`

/** Nothing but this page's own style sheet may load. */
export const problemPagePolicy =
  `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; ` +
  "base-uri 'none'; frame-ancestors 'none'"

/** The page that the `type` of every problem points into: `/docs/problems#<code>`. */
export function formatProblemPage(): string {
  const sections = problemCodes.map((code) => {
    const { status, title } = problemTable[code]
    const { meaning, remedy } = problemGuide[code]
    return (
      `<section id="${code}"><h2><code>${code}</code> · ${status}</h2>` +
      `<p><strong>${title}.</strong> ${meaning}</p><p>${remedy}</p></section>`
    )
  })
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems – Indelible</title>' +
    `<meta name="viewport" content="width=device-width"><style>${style}</style>` +
    '<h1>Problems</h1><p>Every refusal is an RFC 9457 problem with one of these codes: ' +
    '<a href="/docs/guide/reference/problems">what they have in common</a>.</p>' +
    `${sections.join('\n')}</html>\n`
  )
}
