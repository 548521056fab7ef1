import { randomUUID } from 'node:crypto'
import type { Move } from '../store/move.ts'
import type { LogHead } from '../store/store.ts'
import { type CopySource, type CopyTarget, hasEntries } from './copied-store.ts'
import { assertPrefix } from './copy-entries.ts'

/** Whether it was all done before: a copy can be killed when there is nothing left but to say so. */
export async function isMoved(source: CopySource, target: CopyTarget): Promise<boolean> {
  const left = await source.readMove()
  if (left?.state !== 'moved' || left.other !== target.name) return false
  const isSame = (await target.readInstance()).id === source.instance.id
  return isSame && (await target.readMove()) === undefined
}

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
    throw movedOn(source, left)
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
  await assertGuarded(source, heads)
  await assertPrefix(source, target, heads)
  // Back into a store that moved: a new move, in the other direction.
  const id = entered?.state === 'filling' ? entered.id : randomUUID()
  return { state: 'filling', other: source.name, id }
}

/**
 * Two copies of one source into two targets may be under way; only one of them is the way on.
 * @throws Error with a sentence for the operator
 */
export async function assertOurs(source: CopySource, { id }: Pick<Move, 'id'>): Promise<void> {
  const left = await source.readMove()
  if (left !== undefined && left.id !== id) throw movedOn(source, left)
}

const movedOn = ({ name }: CopySource, { other }: Move): Error =>
  new Error(`The logs of ${name} have moved to ${other}: copy from there.`)

/**
 * A log that was signed and that no guard remembers would not be signed on the other side either,
 * and nobody could tell whether it is the newest copy.
 * @throws Error with a sentence for the operator
 */
async function assertGuarded(source: CopySource, heads: readonly LogHead[]): Promise<void> {
  const signed: LogHead[] = []
  for (const head of heads) {
    if (head.formerTenant !== undefined || head.size === 0) continue
    if (((await source.audit.readCheckpoint(head.tenant))?.size ?? 0) > 0) signed.push(head)
  }
  // Afterwards: the guard is moved before a checkpoint is kept.
  const guarded = new Set((await source.listGuard()).map(({ origin }) => origin))
  const lost = signed.find(({ origin }) => !guarded.has(origin))
  if (lost === undefined) return
  throw new Error(
    `The log of "${lost.tenant}" in ${source.name} was signed, and its guard is missing: this may ` +
      'be a copy of another service. Put the guard back, or restore with --new-generation.',
  )
}
