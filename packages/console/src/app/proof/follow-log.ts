import {
  followSuccessions,
  formatHex,
  parseHex,
  parseVerifierKey,
  signatureTypes,
  VerificationError,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyConsistency,
} from '@indelible/proof'
import type { LogInfo } from '@indelible/protocol'
import { extendHistory, type Pin, type Pins, PinUnreadable, type SeenCheckpoint } from './pins.ts'
import { CheckFailed } from './report.ts'

/** What the checks of a log need from the service and from this browser. */
export interface LogSources {
  readonly pins: Pins
  readonly now: () => Date
  readonly readLog: (tenant: string) => Promise<LogInfo>
  readonly readConsistency: (
    tenant: string,
    sizes: { readonly from: number; readonly to: number },
  ) => Promise<{ readonly hashes: readonly string[] }>
}

/**
 * The log's pin: the one kept, if the log still names the same origin and key, or one that the kept
 * key vouches for; on first sight, one made of what the service says now, which the first visit has
 * to trust.
 * @throws CheckFailed `key`
 */
export async function pinLog(tenant: string, { pins, now, readLog }: LogSources) {
  const info = await readLog(tenant)
  // After the answer: of two checks on first sight, one must find what the other pinned.
  const kept = readPin(pins, tenant)
  if (kept === undefined) {
    const { origin, vkey, cosigner } = info
    const former = await followKeys(info.formerKeys?.[0]?.vkey, info)
    const pin: Pin = { tenant, origin, vkey, cosigner, pinned: now().toISOString(), ...former }
    assertKey(pin)
    pins.write(pin)
    return { pin, found: 'Pinned just now, on first sight.', firstSight: true }
  }
  const when = kept.pinned.slice(0, 10)
  const rotated = kept.vkey === info.vkey ? undefined : await followKeys(kept.vkey, info)
  if (rotated !== undefined && kept.origin === info.origin) {
    const former = [...(kept.former ?? []), ...rotated.former]
    const pin: Pin = { ...kept, vkey: info.vkey, former, rotated: now().toISOString() }
    assertKey(pin)
    pins.write(pin)
    const found = `The key was rotated: the one that this browser pinned on ${when} vouches for it.`
    return { pin, found, firstSight: false }
  }
  if (kept.vkey !== info.vkey || kept.origin !== info.origin) {
    throw new CheckFailed(
      'key',
      `The log now names another key or origin (${info.vkey}) than the one this browser pinned on ` +
        `${when} (${kept.vkey}).`,
    )
  }
  return { pin: kept, found: `Pinned by this browser on ${when}.`, firstSight: false }
}

/**
 * The keys from one that is known to the one that the log names now, if each vouched for the next.
 * Without that word another key is what an attacker would show.
 */
async function followKeys(from: string | undefined, { vkey, formerKeys = [] }: LogInfo) {
  if (from === undefined) return undefined
  const successions = formerKeys.map(({ succession }) => succession)
  const way = await followSuccessions(from, successions).catch(() => [])
  return way.at(-1) === vkey ? { former: way.slice(0, -1) } : undefined
}

function readPin(pins: Pins, tenant: string): Pin | undefined {
  try {
    return pins.read(tenant)
  } catch (error) {
    if (error instanceof PinUnreadable) throw new CheckFailed('key', error.message)
    throw error
  }
}

/** A cosigner's key that could sign as the log would sign in place of the one that is shown. */
function assertKey({ vkey, cosigner, origin }: Pin): void {
  try {
    const { name, type } = parseVerifierKey(vkey)
    const other = parseVerifierKey(cosigner)
    if (type !== signatureTypes.ed25519 || other.type !== signatureTypes.cosignature) {
      throw new CheckFailed('key', 'A key of the log or of its cosigner is of the wrong kind.')
    }
    if (name === origin) return
  } catch (error) {
    if (error instanceof VerificationError) throw new CheckFailed('key', error.message)
    throw error
  }
  throw new CheckFailed('key', 'The log’s key does not bear the log’s name.')
}

/** A checkpoint's signature by the pinned key. @throws CheckFailed `signature` */
export async function checkCheckpoint(note: string, pin: Pin): Promise<VerifiedCheckpoint> {
  try {
    const checkpoint = await verifyCheckpoint(note, vkeysOf(pin).map(parseVerifierKey))
    if (checkpoint.origin === pin.origin) return checkpoint
  } catch (error) {
    if (error instanceof VerificationError) throw new CheckFailed('signature', error.message)
    throw error
  }
  throw new CheckFailed('signature', 'The checkpoint is one of another log.')
}

/** What a former key signed before it ended is shown for a moment after, and stays in receipts. */
export const vkeysOf = ({ vkey, former = [], cosigner }: Pin) => [vkey, ...former, cosigner]

/**
 * Checks that the log only grew between the checkpoint remembered and this verified one, and
 * remembers the newer of them.
 * @returns what was found, in words
 * @throws CheckFailed `history`
 */
export async function checkHistory(
  { size, root }: { readonly size: number; readonly root: Uint8Array },
  pin: Pin,
  sources: LogSources,
): Promise<string> {
  const at = sources.now().toISOString()
  const found: SeenCheckpoint = { size, root: formatHex(root), at }
  const readSeen = () => readPin(sources.pins, pin.tenant)?.seen
  let seen = readSeen()
  if (seen !== undefined) await checkGrowth(seen, found, pin.tenant, sources)
  // Another check may have gone on meanwhile, perhaps along a fork: that counts as seen, too.
  for (
    let latest = readSeen();
    latest !== undefined && !isSame(latest, seen);
    latest = readSeen()
  ) {
    seen = latest
    await checkGrowth(seen, found, pin.tenant, sources)
  }
  if (seen === undefined || seen.size <= size) {
    const history = extendHistory(readPin(sources.pins, pin.tenant)?.history ?? [], found)
    sources.pins.write({ ...pin, seen: found, history })
  }
  if (seen === undefined) return `First checkpoint seen by this browser: size ${size}.`
  return `From size ${seen.size}, seen ${seen.at.slice(0, 16).replace('T', ' ')} UTC, to ${size}.`
}

const isSame = (one: SeenCheckpoint, other: SeenCheckpoint | undefined): boolean =>
  one.size === other?.size && one.root === other.root

async function checkGrowth(
  seen: SeenCheckpoint,
  found: SeenCheckpoint,
  tenant: string,
  { readConsistency }: LogSources,
): Promise<void> {
  const [older, newer] = seen.size <= found.size ? [seen, found] : [found, seen]
  if (older.size === 0) return
  const [from, to] = [older.size, newer.size]
  const { hashes } = from === to ? { hashes: [] } : await readConsistency(tenant, { from, to })
  try {
    const fromRoot = readHash(older.root)
    const toRoot = readHash(newer.root)
    verifyConsistency({ from, to, fromRoot, toRoot, hashes: hashes.map(readHash) })
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    const why = `Between size ${from} and size ${to} the log was rewritten or forked.`
    throw new CheckFailed('history', `${why} ${error.message}`)
  }
}

function readHash(hex: string): Uint8Array {
  const bytes = parseHex(hex)
  if (bytes !== undefined) return bytes
  throw new VerificationError('consistency-invalid', 'A hash is not hexadecimal.')
}
