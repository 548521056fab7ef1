import { spawnSync } from 'node:child_process'
import { basename, join } from 'node:path'

/** Why nothing can be put between a process and the system here, and what to do about it. */
export function lacksCompiler(): string | undefined {
  const { error } = spawnSync('cc', ['--version'])
  if (error === undefined && process.platform === 'linux') return undefined
  return 'A C compiler and glibc, on Linux: apt-get install gcc libc6-dev'
}

/**
 * Compiles a library for LD_PRELOAD.
 * @param source path of its one file
 * @returns its path, in this folder
 */
export function compileLibrary(source: string, folder: string): string {
  const name = basename(source, '.c')
  const library = join(folder, `${name}.so`)
  const flags = ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source]
  const { status, stderr } = spawnSync('cc', [...flags, '-ldl', '-lpthread'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name}.c does not compile: ${stderr}`)
  return library
}
