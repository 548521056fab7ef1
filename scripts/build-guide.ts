import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { buildPages, type Pages, root } from './build-pages.ts'

/** Builds the site of the documents: `npm run guide`. */
const folder = join(root, 'packages/guide')
const pages: Pages = {
  name: 'The documents',
  folder,
  inputs: [
    ...['src', '.vitepress', 'package.json'].map((name) => join(folder, name)),
    ...['docs', 'README.md', 'ARCHITECTURE.md', 'vectors/README.md'].map((name) =>
      join(root, name),
    ),
    ...['client', 'proof', 'viewer'].map((name) => join(root, 'packages', name, 'README.md')),
  ],
  bundle,
}

function bundle(target: string): void {
  const manifest = createRequire(join(folder, 'package.json')).resolve('vitepress/package.json')
  const { error, status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(manifest, '../bin/vitepress.js'), 'build', '--outDir', target],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  )
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${stdout}${stderr}`.trim())
  for (const name of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    // What VitePress holds pages against while it builds, and a browser never asks for.
    if (name === 'hashmap.json') rmSync(join(target, name))
    if (name.endsWith('.html')) writeOutInline(target, join(target, name))
  }
}

/**
 * The service's policy lets no page run or style anything inline. VitePress has two short scripts
 * in each page, and two styles that .vitepress/theme/brand.css has.
 */
function writeOutInline(target: string, path: string): void {
  const page = readFileSync(path, 'utf8')
    .replaceAll(/<script id="[\w-]+">(.*?)<\/script>/gs, (_, script: string) => {
      const name = `assets/inline.${hash('sha256', script).slice(0, 8)}.js`
      writeFileSync(join(target, name), script)
      return `<script src="/docs/guide/${name}"></script>`
    })
    .replaceAll(/ style="(?:position:relative;|--vp-vh:0px;)"/g, '')
  writeFileSync(path, page)
}

buildPages(pages, process.argv)
