import type { LogHead } from '../store/store.ts'
import type { TrustedKeys } from '../verify/audit-evidence.ts'
import type { CopySource, CopyTarget } from './copied-store.ts'
import { copyEntries, hasSameKeys } from './copy-entries.ts'
import { copyAdministration, createEvidenceCopier } from './copy-evidence.ts'
import type { OperationOptions } from './operation-options.ts'

/** Rounds are short enough then: what is left is copied in well under a second. */
const entriesLeftMax = 2_000
/** A source that grows as fast as it can be copied is frozen all the same, for longer. */
const roundsMax = 20

/** Copies all there is of one store into another, as often as it grows. */
export function createCopier(
  options: OperationOptions & {
    readonly source: CopySource
    readonly target: CopyTarget
    readonly trusted: TrustedKeys
  },
) {
  const { source, target, trusted, onProgress, signal } = options
  const evidence = createEvidenceCopier({ source, target, trusted })
  let copied = 0

  /** @returns how many entries it copied */
  const copyLogs = async (
    heads: readonly LogHead[],
    catchUp: () => Promise<void>,
  ): Promise<number> => {
    const kept = new Map((await target.reading.listLogs()).map((head) => [head.tenant, head]))
    const before = copied
    const sizeOf = (tenant: string) => kept.get(tenant)?.size ?? 0
    const missing = heads.reduce((sum, { tenant, size }) => sum + size - sizeOf(tenant), 0)
    for (const head of heads) {
      signal?.throwIfAborted()
      await copyEntries({
        ...{ source, target, head, kept: kept.get(head.tenant), signal },
        async onCopied(count) {
          copied += count
          onProgress?.({ done: copied, total: before + missing })
          await catchUp()
        },
      })
      await evidence.copyCheckpoint(head)
    }
    return copied - before
  }

  return {
    get copied() {
      return copied
    },
    /** Copies what there is until little is left; the source goes on growing. */
    async approach(): Promise<void> {
      for (let round = 0; round < roundsMax; round++) {
        const heads = await source.reading.listLogs()
        const count = await copyLogs(heads, () => target.catchUp(signal))
        await copyAdministration(source, target)
        await evidence.copyGuard(heads, false)
        if (count <= entriesLeftMax) return
      }
    },
    /** Copies the rest and compares; nothing grows any more. @returns the logs, as both have them */
    async copyLast(): Promise<readonly LogHead[]> {
      const heads = await source.reading.listLogs()
      await copyLogs(heads, async () => undefined)
      await copyAdministration(source, target)
      await evidence.copyGuard(heads, true)
      const kept = new Map((await target.reading.listLogs()).map((head) => [head.tenant, head]))
      const differing = heads.find((head) => !isSameHead(head, kept.get(head.tenant)))
      if (differing !== undefined || kept.size !== heads.length) {
        const which = differing === undefined ? '' : ` ("${differing.tenant}")`
        throw new Error(`The copy in ${target.name} is not the same as ${source.name}${which}.`)
      }
      return heads
    },
  }
}

const isSameHead = (one: LogHead, other: LogHead | undefined): boolean =>
  other !== undefined &&
  one.tenant === other.tenant &&
  one.formerTenant === other.formerTenant &&
  hasSameKeys(one, other) &&
  one.size === other.size &&
  one.received === other.received &&
  Buffer.compare(one.edge, other.edge) === 0
