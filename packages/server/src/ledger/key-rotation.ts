import { formatSignatureLine, formatSuccession } from '@indelible/proof'
import { type FormerKeyInfo, limits } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { FormerKey, LogHead, LogKeys } from '../store/store.ts'
import type { Keyring, NoteSigner } from './keyring.ts'

/** The keys that a log shall have, and the origin of the log that they are for. */
export interface KeyRotation {
  readonly origin: string
  readonly keys: LogKeys & Required<Pick<LogKeys, 'formerKeys'>>
}

/**
 * A log's next key: derived from the same seed, one generation on. The key that ends vouches for
 * it, so that whoever pinned that one can follow; and it goes on signing beside it, so that whoever
 * does not follow still verifies, until it is revoked.
 * @param revoke no former key signs any more
 * @throws Refusal `resource-conflict`: the head names another key than the one that signs
 */
export function rotateKey(
  keyring: Keyring,
  head: LogHead,
  { revoke, now }: { readonly revoke: boolean; readonly now: number },
): KeyRotation {
  const { tenant, origin, generation, vkey, formerKeys = [] } = head
  const former = keyring.logSigner(origin, generation)
  // Whoever writes to the database could have the next key sign that it follows one of theirs.
  if (former.vkey !== vkey) {
    throw new Refusal('resource-conflict', {
      detail: `The key kept with the log "${tenant}" is not the seed’s; see what an audit finds.`,
    })
  }
  const next = keyring.logSigner(origin, generation + 1)
  const text = formatSuccession({ origin, former: vkey, next: next.vkey })
  const succession = `${text}\n${signText(former, text)}${signText(next, text)}`
  const ended: FormerKey = { generation, vkey, ended: now, signs: true, succession }
  const all = [...formerKeys, ended]
  // Readers of notes need to take 16 lines only, and cosignatures want room.
  const firstSigning = revoke ? all.length : all.length - limits.formerKeysSigningMax
  return {
    origin,
    keys: {
      tenant,
      generation: generation + 1,
      vkey: next.vkey,
      formerKeys: all.map((key, n) => (n < firstSigning ? { ...key, signs: false } : key)),
    },
  }
}

/** Generations of the keys that sign a log now, the one in use first. */
export const signingGenerations = ({ generation, formerKeys = [] }: LogHead): readonly number[] => [
  generation,
  ...formerKeys.filter(({ signs }) => signs).map((key) => key.generation),
]

/** As the API tells them. */
export const describeFormerKeys = ({ formerKeys = [] }: Pick<LogHead, 'formerKeys'>) =>
  formerKeys.map(({ ended, ...key }): FormerKeyInfo => ({ ...key, ended: formatTime(ended) }))

/** A signature line of a text, by a log's key. */
export const signText = ({ name, keyId, sign }: NoteSigner, text: string): string =>
  formatSignatureLine(name, keyId, sign(new TextEncoder().encode(text)))
