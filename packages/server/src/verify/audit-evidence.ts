import {
  followSuccessions,
  parseNote,
  parseVerifierKey,
  VerificationError,
  type VerifierKey,
  verifyCheckpoint,
} from '@indelible/proof'
import { messageOf } from '../base/message-of.ts'
import { Edge } from '../ledger/edge.ts'
import type { GuardState } from '../store/guard.ts'
import type { AuditStore, FormerKey, LogHead, StoredCheckpoint } from '../store/store.ts'
import type { LogRecord, RotationRecord } from './audit-entries.ts'
import type { Finding } from './finding.ts'
import { createTreeReader } from './tree-reader.ts'

/** Which keys may have signed a log's checkpoints. */
export interface TrustedKeys {
  /** Vkeys that the caller pinned. */
  readonly pinned: readonly string[]
  /** The log's own vkey, derived from the seed; undefined where no seed can be read. */
  readonly derive: ((head: LogHead) => string) | undefined
  /** Vkeys of the instance's cosigner that must have signed well where they signed at all. */
  readonly cosigners: (note: string) => readonly string[]
}

/** None of the keys we trust signed it: somebody else did. */
const signerCodes: readonly string[] = ['key-unknown', 'origin-mismatch']

/** Root of the log's first `size` entries, as the store keeps them; undefined if that fails. */
async function readRoot(store: AuditStore, tenant: string, size: number) {
  try {
    if (size === 0) return new Edge(0, new Uint8Array(0)).root()
    return Buffer.from(await createTreeReader(store, tenant).rangeRoot(0, size))
  } catch {
    return undefined // the audit of the tree says where it breaks
  }
}

/** Audits a log's key and its last signed checkpoint. */
export async function auditCheckpoint(
  store: AuditStore,
  head: LogHead,
  checkpoint: StoredCheckpoint | undefined,
  trusted: TrustedKeys,
): Promise<Finding[]> {
  const { tenant, origin, vkey } = head
  const hasSeed = trusted.derive !== undefined
  const pinned = trusted.pinned.filter((key) => key.startsWith(`${origin}+`))
  const expected =
    pinned.length > 0 ? await followPinned(pinned, head) : listOwn(head, trusted.derive)
  const findings: Finding[] = []
  const isExpected = pinned.length > 0 ? expected.includes(vkey) : expected[0] === vkey
  if (!isExpected) {
    const source = pinned.length > 0 ? 'the pinned one' : 'the one derived from the seed'
    const detail = `The key kept with the log (${vkey}) is not ${source}.`
    findings.push({ tenant, code: 'key-changed', detail })
  }
  findings.push(...(await auditFormerKeys(head, trusted.derive)))
  if (checkpoint === undefined) return findings
  const { cosigners } = trusted
  const keys = { expected, cosigners, areAll: pinned.length === 0 && hasSeed }
  return [...findings, ...(await checkNote(store, head, checkpoint, keys))]
}

/** Those pinned, and those that they vouch for (ledger/key-rotation.ts). */
async function followPinned(pinned: readonly string[], { formerKeys = [] }: LogHead) {
  const notes = formerKeys.map(({ succession }) => succession)
  // A key that is malformed is compared with as it stands.
  const ways = pinned.map((key) => followSuccessions(key, notes).catch(() => [key]))
  return (await Promise.all(ways)).flat()
}

/** All keys that a log has had, the one in use first: a checkpoint may have been signed just before a rotation. */
function listOwn(head: LogHead, derive: TrustedKeys['derive']): readonly string[] {
  const { formerKeys = [] } = head
  const all = [head, ...formerKeys.map((key) => ({ ...head, ...key }))]
  return all.map((one) => derive?.(one) ?? one.vkey)
}

/**
 * Old receipts are verified with them, and whoever pinned one follows it: one that was put among
 * them could have signed any, and one that does not lead on looks like an attack.
 */
async function auditFormerKeys(head: LogHead, derive: TrustedKeys['derive']): Promise<Finding[]> {
  const { tenant, formerKeys = [] } = head
  const describe = (detail: string): Finding => ({ tenant, code: 'key-changed', detail })
  const foreign = derive && formerKeys.find((key) => derive({ ...head, ...key }) !== key.vkey)
  if (foreign !== undefined) {
    const { vkey } = foreign
    return [
      describe(`A former key kept with the log (${vkey}) is not the one derived from the seed.`),
    ]
  }
  const way = [...formerKeys, head].map(({ vkey }) => vkey)
  const notes = formerKeys.map(({ succession }) => succession)
  const found = await followSuccessions(way[0] ?? '', notes).catch(() => [])
  if (way.length === 1 || found.join() === way.join()) return []
  return [describe('The former keys kept with the log do not lead to the one that it has.')]
}

async function checkNote(
  store: AuditStore,
  { tenant, origin, size }: LogHead,
  checkpoint: StoredCheckpoint,
  known: Pick<TrustedKeys, 'cosigners'> & {
    readonly expected: readonly string[]
    /** Nobody else has signed. */
    readonly areAll: boolean
  },
): Promise<Finding[]> {
  const describe = (what: string): Finding[] => {
    const detail = `The checkpoint kept for size ${checkpoint.size} ${what}.`
    return [{ tenant, code: 'checkpoint-invalid', detail }]
  }
  try {
    const keys = [...known.expected, ...known.cosigners(checkpoint.note)].map(parseVerifierKey)
    const signed = await verifyCheckpoint(checkpoint.note, keys)
    if (signed.origin !== origin || signed.size !== checkpoint.size) {
      return describe(`is of ${signed.origin} at size ${signed.size}`)
    }
    // Whoever verifies passes over what a key signed that is not known: here, each of them is.
    if (known.areAll && !isSignedByThese(checkpoint.note, keys)) {
      return describe('bears a signature that is of none of the keys')
    }
    if (signed.cosigned.some(({ time }) => time * 1_000 !== checkpoint.time)) {
      return describe('was cosigned at another time than is kept with it')
    }
    if (signed.size > size) {
      const detail =
        `A checkpoint was signed at size ${signed.size}, and the log now ends at ${size}: its last ` +
        'entries were cut off, or it was rolled back.'
      return [{ tenant, index: size, until: signed.size, code: 'checkpoint-ahead', detail }]
    }
    const root = await readRoot(store, tenant, signed.size)
    if (root === undefined || root.equals(signed.root)) return []
    const detail =
      `The tree of the first ${signed.size} entries is not the one that was signed: the log was ` +
      'rewritten.'
    return [{ tenant, index: 0, until: signed.size, code: 'checkpoint-forked', detail }]
  } catch (error) {
    const why =
      error instanceof VerificationError && signerCodes.includes(error.code)
        ? 'was signed with another key'
        : `does not verify: ${messageOf(error)}`
    return describe(why)
  }
}

const isSignedByThese = (note: string, keys: readonly VerifierKey[]): boolean =>
  parseNote(note).signatures.every(({ name, keyId }) =>
    keys.some((key) => key.name === name && Buffer.compare(key.keyId, keyId) === 0),
  )

/** The guard is durable before anything is signed: it knows every checkpoint that is kept. */
export const isBehind = (
  state: GuardState | undefined,
  checkpoint: StoredCheckpoint | undefined,
): boolean => (state?.size ?? -1) < (checkpoint?.size ?? -1)

/** Audits a log against what the publisher remembers of it, apart from the store. */
export async function auditGuard(
  store: AuditStore,
  head: LogHead,
  state: GuardState | undefined,
  checkpoint: StoredCheckpoint | undefined,
): Promise<Finding[]> {
  const { tenant } = head
  // A log that ended was restored at an older size, knowingly; its successor accounts for it.
  if (head.formerTenant !== undefined) return []
  if (state === undefined) {
    if (checkpoint === undefined || checkpoint.size === 0) return []
    const detail = `The log was signed at size ${checkpoint.size}, but its guard is missing.`
    return [{ tenant, code: 'guard-missing', detail }]
  }
  const compared = await compareWithGuard(store, head, state, checkpoint)
  if (state.tenant === tenant) return compared
  const detail = `The guard remembers the log ${head.origin} as that of "${state.tenant}".`
  return [{ tenant, code: 'guard-changed', detail }, ...compared]
}

async function compareWithGuard(
  store: AuditStore,
  { tenant, size }: LogHead,
  state: GuardState,
  checkpoint: StoredCheckpoint | undefined,
): Promise<Finding[]> {
  if (state.size > size) {
    const detail =
      `The log was signed at size ${state.size}, and the store ends at ${size}: it was rolled ` +
      'back, or its last entries were cut off.'
    return [{ tenant, index: size, until: state.size, code: 'guard-ahead', detail }]
  }
  if (checkpoint !== undefined && isBehind(state, checkpoint)) {
    const detail =
      `The log was signed at size ${checkpoint.size}, and its guard remembers ${state.size}: the ` +
      'guard is an older one, or damaged.'
    return [{ tenant, index: state.size, until: checkpoint.size, code: 'guard-behind', detail }]
  }
  const root = await readRoot(store, tenant, state.size)
  const guarded = readEdgeRoot(state)
  if (guarded !== undefined && (root === undefined || root.equals(guarded))) return []
  const detail =
    guarded === undefined
      ? `What the guard remembers of size ${state.size} is damaged: it fits no tree of that size.`
      : `The tree of the first ${state.size} entries is not the one that was signed: forked.`
  return [{ tenant, index: 0, until: state.size, code: 'guard-forked', detail }]
}

function readEdgeRoot({ size, edge }: GuardState): Buffer | undefined {
  try {
    return new Edge(size, edge).root()
  } catch {
    return undefined
  }
}

/** Logs that the guard remembers, or `_system` has on record, and the store has lost. */
export function auditLosses(
  heads: readonly LogHead[],
  guarded: readonly GuardState[],
  records: readonly LogRecord[],
): Finding[] {
  const origins = new Set(heads.map(({ origin }) => origin))
  const lost = new Map<string, Finding>()
  for (const { tenant, origin, size } of guarded) {
    if (origins.has(origin)) continue
    const detail = `The log ${origin} was signed at size ${size} and is not in the store.`
    lost.set(origin, { tenant, index: 0, until: size, code: 'log-missing', detail })
  }
  for (const { tenant, origin } of records) {
    if (origins.has(origin) || lost.has(origin)) continue
    const detail = `_system has the making of the log ${origin} on record; it is not in the store.`
    lost.set(origin, { tenant, code: 'log-missing', detail })
  }
  return [...lost.values()]
}

/**
 * The former keys are those that ended on record, then; and the last record says which still sign.
 * @param rotations the oldest first
 */
function areRecorded(
  formerKeys: readonly FormerKey[],
  rotations: readonly RotationRecord[],
): boolean {
  const { revoked = [] } = rotations.at(-1) ?? {}
  return (
    formerKeys.length === rotations.length &&
    formerKeys.every(({ vkey, ended, signs }, n) => {
      const recorded = rotations[n]?.ended ?? Number.NaN
      return signs !== revoked.includes(vkey) && (Number.isNaN(recorded) || ended === recorded)
    })
  )
}

/** Every log is on record in `_system`, with the keys it has and had. */
export function auditRecords(heads: readonly LogHead[], records: readonly LogRecord[]): Finding[] {
  const byOrigin = Map.groupBy(records, ({ origin }) => origin)
  return heads.flatMap((head): Finding[] => {
    const { tenant, origin, vkey, generation, formerTenant, formerKeys = [] } = head
    // Stretches are audited side by side, so that an older one may come later.
    const recorded = (byOrigin.get(origin) ?? []).toSorted((a, b) => a.generation - b.generation)
    const record = recorded.at(-1)
    if (record === undefined) {
      // A log that ended may be older than what was restored of _system.
      if (formerTenant !== undefined) return []
      const detail = `The making of the log ${origin} is not on record in _system.`
      return [{ tenant, code: 'log-unrecorded', detail }]
    }
    const isSame = record.vkey === vkey && record.generation === generation
    const areSame = areRecorded(
      formerKeys,
      recorded.flatMap(({ rotation }) => rotation ?? []),
    )
    if (isSame && areSame && record.tenant === (formerTenant ?? tenant)) return []
    const what = isSame && !areSame ? 'other former keys' : 'another key, generation or tenant'
    const detail = `_system has the log ${origin} on record with ${what}.`
    return [{ tenant, code: 'key-changed', detail }]
  })
}
