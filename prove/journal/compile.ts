import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const source = join(import.meta.dirname, 'journal.c')

/** What a journal needs and this machine lacks, as a stage says it. */
export function lacksJournal(): string | undefined {
  const { error } = spawnSync('cc', ['--version'])
  if (error === undefined && process.platform === 'linux') return undefined
  return 'It needs a C compiler and glibc, on Linux: apt-get install gcc libc6-dev'
}

/**
 * Builds the library that records what a process does to its files.
 * @returns its path, for LD_PRELOAD
 */
export function compileJournal(folder: string): string {
  const library = join(folder, 'journal.so')
  const flags = ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source]
  const { status, stderr } = spawnSync('cc', [...flags, '-ldl', '-lpthread'])
  if (status !== 0) throw new Error(`journal.c does not compile: ${stderr}`)
  return library
}
