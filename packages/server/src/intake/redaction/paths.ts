import type { PathNode } from './rules.ts'

/** Paths after one more step; `undefined`: an item of an array, which only `*` names. */
export function descend(paths: Iterable<PathNode>, name: string | undefined): PathNode[] {
  const next: PathNode[] = []
  for (const { steps } of paths) {
    const named = name === undefined ? undefined : steps.get(name)
    const any = steps.get('*')
    if (named !== undefined) next.push(named)
    if (any !== undefined) next.push(any)
  }
  return next
}
