import { randomUUID } from 'node:crypto'
import type { Move } from '../store/move.ts'
import type { LogHead } from '../store/store.ts'
import { type CopySource, type CopyTarget, hasEntries } from './copied-store.ts'
import { assertPrefix } from './copy-entries.ts'

/**
 * Whether this source may be copied into this target.
 * @returns the target's mark
 */
export async function takeUp(
  source: CopySource,
  target: CopyTarget,
  heads: readonly LogHead[],
): Promise<Move> {
  const [left, entered] = [await source.readMove(), await target.readMove()]
  if (left?.state === 'filling') {
    throw new Error(`${source.name} is being filled from ${left.other} and is not whole yet.`)
  }
  if (left !== undefined && !(entered?.state === 'filling' && entered.id === left.id)) {
    throw new Error(`The logs of ${source.name} have moved to ${left.other}: copy from there.`)
  }
  const present = await target.reading.listLogs()
  const isGuarded = (await target.guard.list()).length > 0
  const isEmpty = !hasEntries(present) && !isGuarded
  const isOther = (await target.readInstance()).id !== source.instance.id
  if (!isEmpty && (entered === undefined || isOther)) {
    const what = hasEntries(present) ? 'has logs' : 'has a guard that remembers logs'
    throw new Error(
      `${target.name} ${what} of its own. A copy goes into an empty store, into one of an ` +
        'unfinished copy, or back into the one that it came from.',
    )
  }
  await assertPrefix(source, target, heads)
  // Back into a store that moved: a new move, in the other direction.
  const id = entered?.state === 'filling' ? entered.id : randomUUID()
  return { state: 'filling', other: source.name, id }
}
