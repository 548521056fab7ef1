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
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Pages that the service serves, and how they are made. */
export interface Pages {
  /** As a sentence begins: `The console`. */
  readonly name: string
  /** Of its package; what is built is in its `dist`. */
  readonly folder: string
  /** Files and folders that they are made of. */
  readonly inputs: readonly string[]
  /** Makes them in a folder. @throws Error with what the bundler said */
  readonly bundle: (target: string) => void
  /** What else is to be said of them once they are built. */
  readonly describe?: () => string
}

/** What a browser takes compressed; the rest is compressed already. */
const compressible = /\.(?:js|css|html|svg|json)$/

/**
 * Builds pages. With `--if-needed` only where they are missing or older than what they are made of,
 * and a failure is told but fails nothing: an install and a start end with it, and the service
 * runs without them.
 */
export function buildPages(pages: Pages, words: readonly string[]): void {
  const isNeededOnly = words.includes('--if-needed')
  const inputs = [...pages.inputs, join(root, 'package-lock.json')]
  // A part of the repository may be installed without it.
  const isNeeded = () =>
    existsSync(pages.folder) && isStale(join(pages.folder, 'dist/index.html'), inputs)
  if (isNeededOnly && !isNeeded()) return
  try {
    console.log(build(pages))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`${pages.name} could not be built; the service runs without. ${why}`)
    process.exitCode = isNeededOnly ? 0 : 1
  }
}

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
function build({ name, folder, bundle, describe }: Pages): string {
  const start = Date.now()
  // In a folder that no other tool looks into meanwhile.
  const unfinished = join(folder, '.vite', `dist-${process.pid}.tmp`)
  try {
    bundle(unfinished)
    for (const path of readdirSync(unfinished, { recursive: true, encoding: 'utf8' })) {
      if (compressible.test(path)) compress(join(unfinished, path))
    }
    // What changes while it is built makes it stale.
    utimesSync(join(unfinished, 'index.html'), start / 1_000, start / 1_000)
    replace(join(folder, 'dist'), unfinished)
    const seconds = ((Date.now() - start) / 1_000).toFixed(1)
    return `${name}: built in ${seconds} s${describe === undefined ? '' : `; ${describe()}`}.`
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function compress(path: string): void {
  const content = readFileSync(path)
  // Quality 11, the default, takes twenty times as long for a twelfth less.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }))
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
}

/** A service that runs meanwhile serves the old ones or the new ones. */
function replace(built: string, made: string): void {
  const old = `${made}-old.tmp`
  try {
    if (existsSync(built)) renameSync(built, old)
    renameSync(made, built)
  } finally {
    rmSync(old, { recursive: true, force: true })
  }
}
