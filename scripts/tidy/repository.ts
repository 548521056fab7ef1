import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Source } from './source.ts'

/** What a rule looks at: every file's path, the TypeScript among them as facts, and any text. */
export interface Repository {
  /** Paths from the root, with `/`, sorted. */
  readonly paths: readonly string[]
  readonly sources: readonly Source[]
  readonly read: (path: string) => string
}

/** One breach of a rule: where, and what to do about it. */
export interface Finding {
  readonly path: string
  readonly line?: number
  readonly rule: string
  readonly detail: string
}

const notOurs = new Set(['node_modules', '.git', 'coverage', 'indelible-data', '.vite', 'dist'])

/** Every file below the root but what is installed or generated. */
export function listFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (notOurs.has(entry.name)) return []
      return entry.isDirectory() ? listFiles(root, path) : [path]
    })
    .sort()
}

export function openRepository(
  root: string,
  readSources: (root: string) => readonly Source[],
): Repository {
  return {
    paths: listFiles(root),
    sources: readSources(root),
    read: (path) => readFileSync(join(root, path), 'utf8'),
  }
}

/** Tests, what only tests stand on, and what starts an example: nothing that ships. */
export const isTest = (path: string): boolean =>
  /\.test\.tsx?$|(^|\/)(test|testing|testkit|bench|load|prove)\/|^examples\/start\//.test(path)

/** `packages/server/src/x.ts` → `server`; undefined outside packages/. */
export const packageOf = (path: string): string | undefined =>
  /^packages\/([^/]+)\//.exec(path)?.[1]
