import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'

/**
 * What `npm pack` runs in packages/client and packages/viewer, before (`build`) and after (`restore`).
 * The repository runs TypeScript as it stands; a package in node_modules can't be TypeScript. So `dist`
 * is emitted, with the trust kernel where it is used, and for the time of packing package.json names `dist`. The licence comes along.
 */
const folder = process.cwd()
const manifestPath = join(folder, 'package.json')
const savedPath = join(folder, 'package.json.tmp')
const licencePath = join(folder, 'LICENSE')
const dist = join(folder, 'dist')
/** Not of Node alone: what runs in a browser says so in a project of its own. */
const project = existsSync(join(folder, 'tsconfig.json')) ? './' : '../../'

if (process.argv[2] === 'restore') restore()
else build()

function build(): void {
  // A packing that was ended half-way.
  if (existsSync(savedPath)) restore()
  rmSync(dist, { recursive: true, force: true })
  const text = readFileSync(manifestPath, 'utf8')
  const manifest: Manifest = JSON.parse(text)
  const usesProof = '@indelible/proof' in manifest.devDependencies
  compile([...Object.values(manifest.exports), ...(usesProof ? ['../proof/src/index.ts'] : [])])
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(js|d\.ts)$/.test(path))
    .map((path) => join(dist, path))
  for (const path of files) inlineProof(path)
  writeFileSync(savedPath, text)
  copyFileSync(join(folder, '../../LICENSE'), licencePath)
  const peers = findPeers(manifest, files)
  writeFileSync(manifestPath, `${JSON.stringify(publish(manifest, peers), undefined, 2)}\n`)
}

function restore(): void {
  writeFileSync(manifestPath, readFileSync(savedPath))
  rmSync(savedPath)
  rmSync(licencePath, { force: true })
  rmSync(dist, { recursive: true, force: true })
}

/** `src` becomes `dist/<package>/src`, and whatever it imports from the workspace lies beside it. */
function compile(entries: readonly string[]): void {
  const packages = createRequire(join(folder, 'package.json'))
  const tsc = join(dirname(packages.resolve('typescript/package.json')), 'bin/tsc')
  const options = {
    extends: `${project}tsconfig.json`,
    compilerOptions: {
      noEmit: false,
      declaration: true,
      outDir: 'dist',
      rootDir: '..',
      // Found through node_modules, its files are a dependency's to the compiler, which at times, by
      // the order that it happens to read them in, emits none of them.
      paths: { '@indelible/proof': ['../proof/src/index.ts'] },
      // Node 20, the oldest supported.
      target: 'es2023',
      rewriteRelativeImportExtensions: true,
    },
    include: [],
    files: entries,
  }
  const packing = join(folder, 'tsconfig.pack.tmp')
  writeFileSync(packing, JSON.stringify(options))
  const { status } = spawnSync(process.execPath, [tsc, '-p', packing], { stdio: 'inherit' })
  rmSync(packing)
  if (status !== 0) throw new Error('The package does not compile.')
}

/** The trust kernel's name becomes the path of its copy. */
function inlineProof(path: string): void {
  const text = readFileSync(path, 'utf8')
  const target = relative(dirname(path), join(dist, 'proof/src/index.js'))
  const inlined = text.replaceAll("'@indelible/proof'", `'${target}'`)
  // Declarations name the sources they were made of.
  writeFileSync(path, inlined.replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"))
}

/**
 * The frameworks that the subpaths name, most of them in declarations alone. As optional peers they are
 * the application's own also where packages are kept apart (pnpm, Yarn), and nothing is installed.
 */
function findPeers({ devDependencies }: Manifest, files: readonly string[]): string[] {
  const named = files.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)[\w/-]*'/g)].map(
      ([, name = '']) => name,
    ),
  )
  const peers = new Set(named.flatMap((name) => [name, `@types/${name}`]))
  const isPeer = (name: string) => name in devDependencies && !name.startsWith('@indelible/')
  return [...peers].filter(isPeer).sort()
}

interface Manifest {
  /** `./src/x.ts` by subpath. */
  readonly exports: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

/** What the package says of itself when it is packed: no script, no dependency, `dist`. */
function publish(manifest: Manifest, peers: readonly string[]) {
  const { private: _, scripts: _scripts, devDependencies: _dev, ...rest } = manifest
  const exports = Object.entries(rest.exports).map(([subpath, source]) => {
    const emitted = source.replace(/^\.\/(.*)\.ts$/, `./dist/${basename(folder)}/$1`)
    return [subpath, { types: `${emitted}.d.ts`, default: `${emitted}.js` }]
  })
  return {
    ...rest,
    exports: Object.fromEntries(exports),
    peerDependencies: Object.fromEntries(peers.map((name) => [name, '*'])),
    peerDependenciesMeta: Object.fromEntries(peers.map((name) => [name, { optional: true }])),
  }
}
