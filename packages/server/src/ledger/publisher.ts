import { limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import type { Guard, GuardState } from '../store/guard.ts'
import type { LogHead, ProveStore, ReadStore, StoredCheckpoint } from '../store/store.ts'
import { Edge } from './edge.ts'
import { signingGenerations } from './key-rotation.ts'
import type { Keyring } from './keyring.ts'
import { hashLeaf } from './leaf.ts'
import { signCheckpoint } from './sign-checkpoint.ts'

/** Why a log gets no more checkpoints until a person decides. */
export interface SigningRefusal {
  readonly tenant: string
  readonly reason: string
}

/** Entries read back in one go. */
const verifyBatchEntries = 64

/**
 * Signs checkpoints, and only of what it has read back from the store and recomputed itself. Its
 * memory is the guard, which is no part of the database: a log that was rolled back, forked or
 * changed behind the sequencer's back is not signed. Order of a round: verify, advance the guard
 * (durable), sign. A crash after the guard advanced costs nothing: the same size is signed again.
 */
export function createPublisher(options: {
  readonly store: ReadStore & Pick<ProveStore, 'readCheckpoint'>
  readonly guard: Guard
  readonly keyring: Keyring
  readonly clock: Clock
  /** A failure to read that says nothing about the logs: the round fails, and is due again. */
  readonly isPassing?: (error: unknown) => boolean
}) {
  const { store, guard, keyring, clock, isPassing = () => false } = options
  const refused = new Map<string, string>()
  /** What we signed last of each log, by origin; the time is Unix milliseconds. */
  const signed = new Map<
    string,
    { readonly size: number; readonly time: number; readonly keys: string }
  >()

  const examine = async () => {
    // The guard first: logs only grow, so that none can seem to be behind a guard read before it.
    const guarded = new Map((await guard.list()).map((state) => [state.origin, state]))
    const heads = await store.listLogs()
    const findings = findLostLogs(heads, guarded)
    const due: { head: LogHead; from: number | undefined; edge: Edge }[] = []
    for (const head of heads) {
      // An ended log was restored at an older size than may have been signed: never again.
      if (head.formerTenant !== undefined || refused.has(head.tenant)) continue
      if (findings.has(head.tenant)) continue
      const state = guarded.get(head.origin)
      // The guard alone tells nothing: whoever advanced it may have ended before it signed.
      const { size, time, keys } = signed.get(head.origin) ?? { size: undefined, time: 0 }
      const isSameSigned = size === head.size && keys === keysOf(head)
      const age = clock() - time
      // A clock that was set back makes a new one due: the last names a time to come.
      const isTimely = age < limits.cosignatureRenewMs && -age < limits.clockSkewMsMax
      const isRecent = isSameSigned && isTimely
      if (state?.size === head.size && isRecent) continue
      try {
        due.push({ head, from: state?.size, edge: await verifyGrowth(store, head, state) })
      } catch (error) {
        if (isPassing(error)) throw error
        findings.set(head.tenant, error instanceof Error ? error.message : String(error))
      }
    }
    return { due, findings }
  }

  return {
    /** Signs every log again: what was signed before another node's turn may never have been kept. */
    forget: (): void => signed.clear(),
    /** @returns a checkpoint for every log that grew, is new, or is due for a new cosignature */
    async publish(): Promise<{ checkpoints: StoredCheckpoint[]; refusals: SigningRefusal[] }> {
      let { due, findings } = await examine()
      // For good, so never at first sight: another node may have signed while we were reading.
      if ([...findings.keys()].some((tenant) => !refused.has(tenant))) {
        const again = await examine()
        due = again.due
        findings = new Map([...again.findings].filter(([tenant]) => findings.has(tenant)))
      }
      for (const [tenant, reason] of findings) refused.set(tenant, reason)
      await guard.advance(
        due.map(({ head: { origin, tenant, size }, from, edge }) => ({
          from,
          to: { origin, tenant, size, edge: edge.toBytes() },
        })),
      )
      const checkpoints = due.map(({ head, edge }) => {
        const time = Math.floor(clock() / 1000) * 1000
        signed.set(head.origin, { size: head.size, time: clock(), keys: keysOf(head) })
        return signCheckpoint(keyring, head, edge.root(), time)
      })
      const refusals = [...refused].map(([tenant, reason]) => ({ tenant, reason }))
      return { checkpoints, refusals }
    },
  }
}

/** A log whose key was rotated is signed anew. */
const keysOf = (head: LogHead): string => signingGenerations(head).join()

/** A log that the guard remembers and the store lost was rolled back, with all that was in it. */
function findLostLogs(
  heads: readonly LogHead[],
  guarded: ReadonlyMap<string, GuardState>,
): Map<string, string> {
  const origins = new Set(heads.map((head) => head.origin))
  const lost = [...guarded.values()].filter(({ origin }) => !origins.has(origin))
  return new Map(
    lost.map(({ origin, tenant, size }) => [
      tenant,
      `The log ${origin} was signed at size ${size} and is not in the store: the store was ` +
        'rolled back or replaced. Nothing is signed for this tenant.',
    ]),
  )
}

/**
 * Reads back what came after the guard's size and recomputes the tree from it.
 * @returns the right edge at the head's size
 * @throws Error with a sentence for the operator
 */
async function verifyGrowth(
  store: ReadStore & Pick<ProveStore, 'readCheckpoint'>,
  head: LogHead,
  state: GuardState | undefined,
): Promise<Edge> {
  if (state === undefined) await assertUnsigned(store, head)
  else if (state.size > head.size) {
    throw new Error(
      `The log was signed at size ${state.size} and the store now ends at ${head.size}: it was ` +
        'rolled back. Restore the newer copy, or restore with --new-generation.',
    )
  }
  const edge = new Edge(state?.size ?? 0, state?.edge ?? new Uint8Array(0))
  await extend(store, head, edge)
  const kept = new Edge(head.size, head.edge).root()
  if (!kept.equals(edge.root())) {
    throw new Error(
      `The store's tree at size ${head.size} is not the one that was signed: it was forked or ` +
        'changed. Run "indelible audit" to find the place.',
    )
  }
  return edge
}

/** Asked only of what the guard does not know: a round over thousands of logs must stay short. */
async function assertUnsigned(
  store: Pick<ProveStore, 'readCheckpoint'>,
  { tenant }: LogHead,
): Promise<void> {
  const checkpoint = await store.readCheckpoint(tenant)
  if (checkpoint === undefined || checkpoint.size === 0) return
  throw new Error(
    `The log was signed at size ${checkpoint.size}, but its guard is missing: this may be a ` +
      'copy of another service. Put its guard back (guard.db, or the schema indelible_guard), or restore with --new-generation.',
  )
}

async function extend(store: ReadStore, head: LogHead, edge: Edge): Promise<void> {
  while (edge.size < head.size) {
    const from = edge.size
    const entries = await store.readRange(head.tenant, from, head.size, verifyBatchEntries)
    if (entries.length === 0) throw new Error(`Entry ${from} is missing from the store.`)
    for (const entry of entries) {
      const hash = hashLeaf(entry)
      const isKept = Buffer.from(hash, 'latin1').equals(entry.hash)
      if (entry.index !== edge.size || !isKept) {
        throw new Error(`Entry ${edge.size} is not what was appended: it was changed or removed.`)
      }
      edge.append(hash)
    }
  }
}
