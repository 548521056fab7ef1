import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isOthers, type Locked, locate, nameOf, packages, runtime } from './lockfile.ts'
import { pages, readBundled } from './shipped.ts'

interface Component {
  readonly 'bom-ref': string
  readonly [member: string]: unknown
}
export interface Bom {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly [member: string]: unknown
}

/** What the others of ours are needed by. */
const programs = ['indelible', ...pages.map((page) => `@indelible/${page}`)]

/**
 * What is shipped, as a CycloneDX document, once the pages are built: printed by `npm run -s sbom`.
 * For an image, `sbom.ts <folder> <libraries>` names of the packages for several platforms those in
 * the folder, and beside them this Node and the system's libraries, a line `<package> <version>` of
 * the file each. The same input, the same document: no time and no random number is in it.
 */
export function createBom(image?: { readonly folder: string; readonly libraries: string }): Bom {
  const { serialNumber: _, metadata, components, ...bom } = askNpm(lockShipped(image?.folder))
  const { 'bom-ref': ref, version } = metadata.component
  return {
    ...bom,
    metadata: { component: { 'bom-ref': ref, type: 'application', name: 'indelible', version } },
    components: [
      ...components.map(nameOurs),
      ...(image === undefined ? [] : describeSystem(image.libraries)),
    ],
  }
}

/**
 * A lockfile of what is shipped alone. Of the whole one `npm sbom --omit=dev` leaves out half of
 * what the service runs on: whatever a test asks for, too (npm 11.19.1).
 * @param folder of an image: what is not in it is not shipped
 */
function lockShipped(folder?: string): Readonly<Record<string, object>> {
  const isThere = (path: string): boolean =>
    folder === undefined || !isOthers(path) || existsSync(join(folder, path))
  const bundled = new Map(
    pages.map((page) => [`packages/${page}`, readBundled(page).map(({ path }) => path)]),
  )
  const shipped = new Set([
    ...runtime.filter(isThere),
    ...bundled.keys(),
    ...[...bundled.values()].flat(),
  ])
  const needsOf = (path: string): string[] => {
    const taken = bundled.get(path)?.map(nameOf) ?? []
    const { dependencies, optionalDependencies } = packages[path] ?? {}
    const asked = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...taken]
    return asked.filter((name) => shipped.has(locate(path, name) ?? ''))
  }
  return Object.fromEntries(
    Object.entries(packages)
      .filter(([path, { link, resolved }]) => shipped.has(link === true ? `${resolved}` : path))
      .map(([path, locked]) => [
        path,
        locked.link === true ? locked : describePackage(locked, needsOf(path)),
      ]),
  )
}

function describePackage(locked: Locked, needs: readonly string[]) {
  const { name, version, license, integrity } = locked
  return { name, version, license, integrity, dependencies: ofAnyVersion(needs) }
}

const ofAnyVersion = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, '*']))

function askNpm(shipped: Readonly<Record<string, object>>): Bom {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-sbom-'))
  const version = packages['']?.version
  const manifest = { name: 'indelible-shipped', version, dependencies: ofAnyVersion(programs) }
  const lockfile = { lockfileVersion: 3, packages: { '': manifest, ...shipped } }
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile))
    const words = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--loglevel=error']
    const printed = execFileSync('npm', words, { cwd: folder, encoding: 'utf8' })
    return JSON.parse(printed) as Bom // as npm writes it
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Ours have no address: what bears their name on a registry would be somebody else's. */
function nameOurs({ purl, ...component }: Component): Component {
  const [ours] = /^@?indelible\b.*(?=@)/.exec(component['bom-ref']) ?? []
  return ours === undefined ? { ...component, purl } : { ...component, name: ours }
}

function describeSystem(libraries: string): Component[] {
  const node = process.version.slice(1)
  const cpe = `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`
  const lines = new Set(readFileSync(libraries, 'utf8').trim().split('\n'))
  return [
    { 'bom-ref': `node@${node}`, type: 'platform', name: 'node', version: node, cpe },
    ...[...lines].sort().map((line) => {
      const [name = '', version = ''] = line.split(' ')
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}`
      return { 'bom-ref': purl, type: 'library', name, version, purl }
    }),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, libraries] = process.argv.slice(2)
  const image = folder === undefined || libraries === undefined ? undefined : { folder, libraries }
  console.log(JSON.stringify(createBom(image), undefined, 2))
}
