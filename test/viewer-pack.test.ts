import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../packages/viewer/package.json' with { type: 'json' }
import { createClone, installTarball } from './packing/clone.ts'

const root = join(import.meta.dirname, '..')
const temporary = createTemporaryFolder()
const application = join(temporary.path, 'application')
let installed = ''
afterAll(() => temporary[Symbol.dispose]())

beforeAll(() => {
  const clone = join(temporary.path, 'clone')
  createClone(clone)
  execFileSync('npm', ['pack', '--silent'], { cwd: join(clone, 'packages/viewer') })
  const tarball = `indelible-viewer-${manifest.version}.tgz`
  installed = installTarball(join(clone, 'packages/viewer', tarball), application, 'viewer')
  writeFileSync(join(application, 'package.json'), '{"type":"module"}')
  for (const name of ['react', '@types']) {
    symlinkSync(join(root, 'node_modules', name), join(application, 'node_modules', name))
  }
})

test('the tarball asks for nothing: React is the application’s, where it has one', () => {
  const packed = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  expect([packed.dependencies, packed.devDependencies, packed.scripts]).toEqual([
    ...[undefined, undefined, undefined],
  ])
  expect(packed.peerDependenciesMeta.react).toEqual({ optional: true })
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
  const names = files.filter((file) => file.isFile()).map(({ name }) => name)
  expect(names.filter((name) => !/\.(js|d\.ts)$/.test(name)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
  ])
})

test('it loads on a server, where there are no elements, and its declarations stand in a page', () => {
  const text = `import { defineViewer, type ViewerElement } from '@indelible/viewer'
    import { IndelibleViewer } from '@indelible/viewer/react'
    defineViewer()
    export const first: ViewerElement | undefined = undefined
    export const second = IndelibleViewer.length`
  writeFileSync(join(application, 'page.ts'), text)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const flags = '--strict --target esnext --module nodenext --lib esnext,dom --types react'
  const args = [tsc, '--ignoreConfig', '--skipLibCheck', ...flags.split(' '), 'page.ts']
  execFileSync(process.execPath, args, { cwd: application, stdio: 'inherit' })
  execFileSync(process.execPath, ['page.js'], { cwd: application })
})
