import type { GuardState } from '../store/guard.ts'
import {
  type AdminChange,
  type AdminRecord,
  type AdminStore,
  adminKinds,
  type LogHead,
  type StoredCheckpoint,
} from '../store/store.ts'
import { auditCheckpoint, auditGuard, type TrustedKeys } from '../verify/audit-evidence.ts'
import type { Finding } from '../verify/finding.ts'
import type { CopySource, CopyTarget } from './copied-store.ts'

/** Everything of a store but entries: administration, checkpoints, and what the guard remembers. */

/** Makes the target's administration the source's, in one transaction. */
export async function copyAdministration(source: CopySource, target: CopyTarget): Promise<void> {
  const [wanted, present] = [await listAll(source.admin), await listAll(target.admin)]
  const changes: AdminChange[] = []
  for (const [key, { kind, id, value }] of wanted) {
    if (present.get(key)?.value !== value) changes.push({ kind, id, value })
  }
  for (const [key, { kind, id }] of present) {
    if (!wanted.has(key)) changes.push({ kind, id, value: null })
  }
  if (changes.length === 0) return
  await target.append.transact(async (transaction) => {
    for (const change of changes) await transaction.changeAdmin(change)
  })
}

async function listAll(admin: AdminStore): Promise<Map<string, AdminRecord>> {
  const records: AdminRecord[] = []
  for (const kind of adminKinds) records.push(...(await admin.listAdmin(kind)))
  return new Map(records.map((record) => [`${record.kind}\n${record.id}`, record]))
}

/**
 * Copies checkpoints and guard states once the entries under them are there, each checked against
 * the target's own tree and the keys derived from the seed. Remembers what is copied already, so
 * that doing it again under the freeze costs what has changed since.
 */
export function createEvidenceCopier(options: {
  readonly source: CopySource
  readonly target: CopyTarget
  readonly trusted: TrustedKeys
}) {
  const { source, target, trusted } = options
  /** Checkpoints in the target, by origin. */
  const copied = new Map<string, StoredCheckpoint>()

  const copyCheckpoint = async (head: LogHead): Promise<void> => {
    const { origin, tenant, size } = head
    // The source's own cosignature may be newer; the target's service makes one when it starts.
    if (copied.get(origin)?.size === size) return
    const found = await source.audit.readCheckpoint(tenant)
    // Signed since the head was read: the next round has it.
    if (found === undefined || found.size > size || copied.get(origin)?.note === found.note) return
    assertClean(source, await auditCheckpoint(target.audit, head, found, trusted))
    await target.append.transact((transaction) => transaction.saveCheckpoint(found))
    copied.set(origin, found)
  }

  /** @param isLast nothing may be left out any more */
  const copyGuard = async (heads: readonly LogHead[], isLast: boolean): Promise<void> => {
    const byOrigin = new Map(heads.map((head) => [head.origin, head]))
    const known = new Map((await target.guard.list()).map((state) => [state.origin, state]))
    const steps: { from: number | undefined; to: GuardState }[] = []
    for (const to of await source.listGuard()) {
      const head = byOrigin.get(to.origin)
      const from = known.get(to.origin)?.size
      if (from !== undefined && from >= to.size) continue
      if (head === undefined || (to.size > head.size && head.formerTenant === undefined)) {
        if (isLast) assertClean(source, [describeLost(to, head)])
        continue
      }
      assertClean(source, await auditGuard(target.audit, head, to, undefined))
      steps.push({ from, to })
    }
    if (steps.length > 0) await target.guard.advance(steps)
    if (isLast) await assertGuardFits(byOrigin)
  }

  /** What the target remembered of an earlier move must fit too. */
  const assertGuardFits = async (byOrigin: ReadonlyMap<string, LogHead>): Promise<void> => {
    const copiedStates = new Map(
      (await source.listGuard()).map((state) => [state.origin, state.size]),
    )
    for (const state of await target.guard.list()) {
      const head = byOrigin.get(state.origin)
      if (head === undefined) assertClean(target, [describeLost(state, head)])
      else if (copiedStates.get(state.origin) !== state.size) {
        assertClean(target, await auditGuard(target.audit, head, state, undefined))
      }
    }
  }

  return { copyCheckpoint, copyGuard }
}

function describeLost({ tenant, origin, size }: GuardState, head: LogHead | undefined): Finding {
  const end = head === undefined ? 'is not in the store' : `ends there at ${head.size}`
  const detail = `The log ${origin} was signed at size ${size} and ${end}: it was rolled back.`
  return { tenant, code: 'guard-ahead', detail }
}

/** @throws Error with the first finding */
function assertClean(store: { readonly name: string }, [first]: readonly Finding[]): void {
  if (first === undefined) return
  const where = first.tenant === undefined ? '' : `${first.tenant}: `
  throw new Error(`${store.name} does not pass: ${where}${first.detail} (${first.code})`)
}
