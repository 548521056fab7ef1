import { randomFillSync } from 'node:crypto'
import { systemClock } from '../base/clock.ts'
import { createKeyring, type Keyring } from '../ledger/keyring.ts'
import { type EndingLog, startNewGeneration } from '../ledger/new-generation.ts'
import type { GuardState } from '../store/guard.ts'
import { createAppendStore } from '../store/sqlite/append-store.ts'
import { createAuditStore } from '../store/sqlite/audit-store.ts'
import { writeMove } from '../store/sqlite/move.ts'
import { openDatabase } from '../store/sqlite/open.ts'
import type { LogHead } from '../store/store.ts'
import { type AuditedLog, describeLog } from '../verify/audit.ts'
import type { FolderState } from './put-in-place.ts'

/** All that is known of the logs before they end. */
export interface LastKnown {
  readonly heads: readonly LogHead[]
  readonly guarded: readonly GuardState[]
  readonly present: FolderState | undefined
  readonly seed: Uint8Array | undefined
  readonly instance: string
}

/** Ends every log of a prepared log.db and begins it anew. @returns all logs afterwards */
export async function continueLogs(
  path: string,
  last: LastKnown,
  options: { readonly originHost?: string },
): Promise<AuditedLog[]> {
  const { seed, instance, heads } = last
  if (seed === undefined) {
    throw new Error('A new generation needs the seed, from which the keys of its logs are derived.')
  }
  const originHost = options.originHost ?? `indelible.invalid/${instance}`
  const keyring = createKeyring({ seed, originHost })
  const log = openDatabase({ path, synchronous: 'FULL', cacheKib: 8192 })
  try {
    // Logs that moved away and are lost there go on here, under other keys.
    writeMove(log, undefined)
    const store = createAuditStore({ log })
    const { checkpoints } = await store.readSnapshot()
    const known = [...checkpoints, ...(last.present?.checkpoints ?? [])]
    await startNewGeneration({
      store: createAppendStore({ database: log }),
      keyring,
      clock: systemClock,
      fillRandom: (buffer) => void randomFillSync(buffer),
      logs: listEnding(last, known, keyring),
      taken: new Set(heads.map(({ tenant }) => tenant)),
      reason: 'Restored from a backup that may be older than what was signed.',
    })
    return (await store.readSnapshot()).heads.map(describeLog)
  } finally {
    log.close()
  }
}

function listEnding(
  { heads, guarded }: LastKnown,
  checkpoints: readonly { readonly size: number; readonly note: string }[],
  keyring: Keyring,
): EndingLog[] {
  const newestNote = (origin: string): string | null => {
    const own = checkpoints.filter(({ note }) => note.startsWith(`${origin}\n`))
    return own.reduce((best, found) => (found.size > best.size ? found : best), {
      size: -1,
      note: null as string | null,
    }).note
  }
  const describe = (head: LogHead): EndingLog => {
    const state = guarded.find(({ origin }) => origin === head.origin)
    return { head, checkpoint: newestNote(head.origin), guarded: state }
  }
  const live = heads.filter(({ formerTenant }) => formerTenant === undefined)
  const origins = new Set(heads.map(({ origin }) => origin))
  const generations = new Map<string, number>()
  for (const { tenant, formerTenant, generation } of heads) {
    const name = formerTenant ?? tenant
    generations.set(name, Math.max(generations.get(name) ?? 0, generation))
  }
  // A log made after the backup: nothing of it is left but what the guard remembers.
  const lost = guarded.flatMap((state): LogHead[] => {
    const { tenant, origin } = state
    if (origins.has(origin)) return []
    const generation = (generations.get(tenant) ?? 0) + 1
    generations.set(tenant, generation)
    const { vkey } = keyring.logSigner(origin, generation)
    return [{ tenant, origin, generation, vkey, size: 0, received: 0, edge: new Uint8Array(0) }]
  })
  return [...live, ...lost].map(describe)
}
