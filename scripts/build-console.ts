import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPages, type Pages, root } from './build-pages.ts'

/** Builds the console, the viewer and the page of the API: `npm run console`. */
const folder = join(root, 'packages/console')
const pages: Pages = {
  name: 'The console',
  folder,
  inputs: [
    ...['src', 'public', 'index.html', 'embed.html', 'api.html', 'package.json'].map((name) =>
      join(folder, name),
    ),
    join(folder, 'vite.config.ts'),
    ...['proof', 'protocol', 'viewer'].map((name) => join(root, 'packages', name, 'src')),
  ],
  bundle,
  describe: () =>
    `its first page loads ${(weighFirstPage() / 1_024).toFixed(0)} KB of script, gzipped`,
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

/** Bytes of the scripts that a page names, as a browser is sent them. */
export function weighFirstPage(name: 'index.html' | 'embed.html' = 'index.html'): number {
  const page = readFileSync(join(folder, 'dist', name), 'utf8')
  const scripts = [...page.matchAll(/"\/console\/(assets\/[^"]+\.js)"/g)]
  return scripts
    .map(([, script = '']) => statSync(join(folder, 'dist', `${script}.gz`)).size)
    .reduce((sum, bytes) => sum + bytes, 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildPages(pages, process.argv)
