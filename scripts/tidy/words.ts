import type { Finding, Repository } from './repository.ts'

export interface WordRules {
  /** What must not be in any text file, and what to say of it. */
  readonly forbiddenText: readonly (readonly [pattern: RegExp, detail: string])[]
  /** Files that hold foreign or made-up text. */
  readonly except: readonly string[]
}

const isBinary = /\.(gz|png|ico|woff2|db)$/

/** Nothing of somebody's machine or workplace is in the repository. */
export function checkWords({ paths, read }: Repository, rules: WordRules): Finding[] {
  return paths
    .filter((path) => !isBinary.test(path) && !rules.except.some((start) => path.startsWith(start)))
    .flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((text, n) =>
          rules.forbiddenText
            .filter(([pattern]) => pattern.test(text))
            .map(([, detail]) => ({ path, line: n + 1, rule: 'words', detail })),
        ),
    )
}
