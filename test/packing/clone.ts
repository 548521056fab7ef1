import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * The repository as a clone has it after `npm ci`, but for what is no part of the product. What a
 * packing changes for its time is copied, all else is linked.
 */
export function createClone(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@indelible'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@indelible') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const name of ['LICENSE', 'package.json', 'scripts', 'tsconfig.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  mkdirSync(join(folder, 'packages'))
  for (const name of ['cli', 'client', 'proof', 'protocol', 'server', 'viewer']) {
    const [from, to] = [join(root, 'packages', name), join(folder, 'packages', name)]
    if (['client', 'proof', 'viewer'].includes(name)) cpSync(from, to, { recursive: true })
    else symlinkSync(from, to)
    symlinkSync(to, join(modules, '@indelible', name))
  }
}

/** What `npm install` makes of the tarball in an application's folder; it asks no registry. */
export function installTarball(tarball: string, application: string, name = 'client'): string {
  const installed = join(application, 'node_modules/@indelible', name)
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
  return installed
}
