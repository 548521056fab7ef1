import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** A disk that a test can fill; unmounted when disposed. */
export interface SmallDisk extends Disposable {
  readonly path: string
}

/**
 * Mounts a disk of 8 MiB; undefined where this process may not, which fails root in CI.
 * @param test whose output says so
 */
export function mountSmallDisk(path: string, test: string): SmallDisk | undefined {
  mkdirSync(path)
  const args = ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path]
  const { error, status, stderr } = spawnSync('mount', args)
  if (error === undefined && status === 0) {
    return { path, [Symbol.dispose]: () => void spawnSync('umount', [path]) }
  }
  const why = `${test}: no small disk can be mounted (${error ?? stderr}); run as root.`
  if (process.env.CI === 'true' && process.getuid?.() === 0) throw new Error(why)
  console.warn(`SKIPPED: ${why}`)
  return undefined
}
