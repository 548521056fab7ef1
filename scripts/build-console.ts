import { spawnSync } from 'node:child_process'
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/**
 * Builds the console: `npm run console`. With `--if-needed` only where it is missing or older than
 * what it is made of, and a failure is told but fails nothing: an install and a start end with
 * it, and the service runs without its console.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'packages/console')
const built = join(folder, 'dist')
const inputs = [
  ...[
    'src',
    'public',
    'index.html',
    'embed.html',
    'api.html',
    'package.json',
    'vite.config.ts',
  ].map((name) => join(folder, name)),
  ...['proof', 'protocol', 'viewer'].map((name) => join(root, 'packages', name, 'src')),
  join(root, 'package-lock.json'),
]

/** What a browser takes compressed; the rest is compressed already. */
const compressible = /\.(?:js|css|html|svg)$/

/**
 * Whether something was made from older inputs, or is not there.
 * @param made a file that bears the time at which its making began
 */
export function isStale(made: string, madeFrom: readonly string[]): boolean {
  if (!existsSync(made)) return true
  const { mtimeMs } = statSync(made)
  return madeFrom.some((input) => existsSync(input) && readNewest(input) > mtimeMs)
}

/** A folder's own time tells of files that were taken away. */
function readNewest(path: string): number {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => readNewest(join(path, name))))
}

/** @returns one line for people. @throws Error with what the bundler said */
function build(): string {
  const start = Date.now()
  // In a folder that no other tool looks into meanwhile.
  const unfinished = join(folder, '.vite', `dist-${process.pid}.tmp`)
  try {
    bundle(unfinished)
    for (const name of readdirSync(unfinished, { recursive: true, encoding: 'utf8' })) {
      if (compressible.test(name)) compress(join(unfinished, name))
    }
    // What changes while it is built makes it stale.
    utimesSync(join(unfinished, 'index.html'), start / 1_000, start / 1_000)
    replace(unfinished)
    const seconds = ((Date.now() - start) / 1_000).toFixed(1)
    const kilobytes = (weighFirstPage() / 1_024).toFixed(0)
    return `Built the console in ${seconds} s; its first page loads ${kilobytes} KB of script, gzipped.`
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function bundle(target: string): void {
  const manifest = createRequire(join(folder, 'package.json')).resolve('vite/package.json')
  const { error, status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(manifest, '../bin/vite.js'), 'build', '--logLevel', 'warn', '--outDir', target],
    // Tests have another NODE_ENV, which would bundle React’s checks for developers.
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  )
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${stdout}${stderr}`.trim())
}

function compress(path: string): void {
  const content = readFileSync(path)
  // Quality 11, the default, takes twenty times as long for a twelfth less.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }))
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
}

/** Bytes of the scripts that a page names, as a browser is sent them. */
export function weighFirstPage(name: 'index.html' | 'embed.html' = 'index.html'): number {
  const page = readFileSync(join(built, name), 'utf8')
  const scripts = [...page.matchAll(/"\/console\/(assets\/[^"]+\.js)"/g)]
  return scripts
    .map(([, script = '']) => statSync(join(built, `${script}.gz`)).size)
    .reduce((sum, bytes) => sum + bytes, 0)
}

/** A service that runs meanwhile serves the old one or the new one. */
function replace(made: string): void {
  const old = `${made}-old.tmp`
  try {
    if (existsSync(built)) renameSync(built, old)
    renameSync(made, built)
  } finally {
    rmSync(old, { recursive: true, force: true })
  }
}

function main(isNeededOnly: boolean): void {
  // A part of the repository may be installed without it.
  if (isNeededOnly && !(existsSync(folder) && isStale(join(built, 'index.html'), inputs))) return
  try {
    console.log(build())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`The console could not be built; the service runs without it. ${why}`)
    process.exitCode = isNeededOnly ? 0 : 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.includes('--if-needed'))
}
