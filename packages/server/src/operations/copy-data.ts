import type { LogHead } from '../store/store.ts'
import { type AuditedLog, describeLog } from '../verify/audit.ts'
import { createCopier } from './copier.ts'
import { assertSeedFits, keepSeed, readCopySeed } from './copy-seed.ts'
import { openSource, openTarget } from './open-store.ts'
import type { OperationOptions } from './operation-options.ts'
import { tellOutages } from './outage.ts'
import { nameStore, type StoreAddress } from './store-address.ts'
import { assertOurs, isMoved, takeUp } from './take-up.ts'
import { trustKeys } from './trust-keys.ts'

export interface CopyOptions extends OperationOptions {
  readonly from: StoreAddress
  readonly to: StoreAddress
  /** Where the seed is, if not in one of the two folders. */
  readonly seedFile?: string
  /** As the service's setting; undefined: as the service does without it. */
  readonly originHost?: string
}

export interface CopyReport {
  /** As people name them: without passwords. */
  readonly from: string
  readonly to: string
  readonly logs: readonly AuditedLog[]
  /** Entries that this run copied; an earlier one may have copied the others. */
  readonly copied: number
  /** For how long nothing could be appended, milliseconds. */
  readonly frozenMs: number
}

/**
 * Moves every log with its administration, checkpoints and guard from one store to another, while
 * the source's service runs; the source is frozen for the last entries alone. Then the target is
 * compared with the source, log by log, and the source is marked as moved in the same transaction
 * that froze it: it takes nothing more, and the same keys never sign two histories. Killed
 * anywhere, the same command goes on: until the mark is kept the source serves and the target
 * refuses to; afterwards what is left is to open the target.
 * @throws Error with a sentence for the operator, FolderInUseError, DatabaseOutOfReachError, or the
 *   signal's reason
 */
export function copyData(options: CopyOptions): Promise<CopyReport> {
  return tellOutages([options.from, options.to], () => moveStore(options))
}

async function moveStore(options: CopyOptions): Promise<CopyReport> {
  const { from, to, seedFile } = options
  if (nameStore(from) === nameStore(to)) throw new Error('A store can’t be copied into itself.')
  // First of all, so that a mistyped source is told as one, not as a seed that is missing.
  await using source = await openSource(from)
  const seed = readCopySeed(options)
  await using target = await openTarget(to, seed)
  // 1 Two stores of which the one may be copied into the other.
  const heads = await source.reading.listLogs()
  assertSeedFits(seed, heads)
  const names = { from: source.name, to: target.name }
  if (await isMoved(source, target)) {
    return { ...names, logs: heads.map(describeLog), copied: 0, frozenMs: 0 }
  }
  const move = await takeUp(source, target, heads)
  const { id, originHost } = source.instance
  await target.begin({ id, originHost: options.originHost ?? originHost }, move)
  keepSeed(to, seed, seedFile)
  // 2 Everything there is, again and again, until little is left.
  const copier = createCopier({ ...options, source, target, trusted: trustKeys(seed) })
  await copier.approach()
  // 3 The rest, while nothing is appended; compared; and the source is marked.
  let frozenMs = 0
  let last: readonly LogHead[] = []
  await source.freeze(async () => {
    await assertOurs(source, move)
    const frozenAt = performance.now()
    last = await copier.copyLast()
    frozenMs = Math.round(performance.now() - frozenAt)
    return { state: 'moved', other: target.name, id: move.id }
  })
  // 4 A crash before this leaves a target that the same command opens.
  await target.finish()
  await target.catchUp(undefined)
  const { copied } = copier
  return { ...names, logs: last.map(describeLog), copied, frozenMs }
}
