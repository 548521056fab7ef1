import { parseNote } from '@indelible/proof'
import { createKeyring } from '../ledger/keyring.ts'
import type { TrustedKeys } from '../verify/audit-evidence.ts'

/** Keys derived from a seed, which nobody who holds the data alone can derive. */
export function trustKeys(
  seed: Uint8Array | undefined,
  pinned: readonly string[] = [],
): TrustedKeys {
  if (seed === undefined) return { pinned, derive: undefined, cosigners: () => [] }
  const keyring = (originHost: string) => createKeyring({ seed, originHost })
  const { logSigner } = keyring('')
  const suffix = '/instance'
  return {
    pinned,
    derive: ({ origin, generation }) => logSigner(origin, generation).vkey,
    // The cosigner's name holds a host that may have been set otherwise since; its key comes from
    // the seed all the same.
    cosigners: (note) =>
      parseNote(note)
        .signatures.filter(({ name }) => name.endsWith(suffix))
        .map(({ name }) => keyring(name.slice(0, -suffix.length)).cosigner.vkey),
  }
}
