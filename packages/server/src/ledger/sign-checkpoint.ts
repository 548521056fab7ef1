import {
  cosignedMessage,
  formatCheckpoint,
  formatCosignature,
  formatSignatureLine,
} from '@indelible/proof'
import type { LogHead, StoredCheckpoint } from '../store/store.ts'
import { signingGenerations, signText } from './key-rotation.ts'
import type { Keyring } from './keyring.ts'

/**
 * A checkpoint as a signed note (C2SP tlog-checkpoint): the log's own signature, those of its
 * former keys that are not revoked, then the
 * instance's cosignature/v1, which carries the time.
 * @param time Unix milliseconds, whole seconds
 */
export function signCheckpoint(
  keyring: Keyring,
  head: LogHead,
  root: Uint8Array,
  time: number,
): StoredCheckpoint {
  const { tenant, origin, size } = head
  const text = formatCheckpoint({ origin, size, root })
  const logLines = signingGenerations(head).map((generation) =>
    signText(keyring.logSigner(origin, generation), text),
  )
  const seconds = time / 1000
  const { cosigner } = keyring
  const signature = cosigner.sign(cosignedMessage(seconds, text))
  const cosignature = formatCosignature(seconds, signature)
  const cosignerLine = formatSignatureLine(cosigner.name, cosigner.keyId, cosignature)
  return { tenant, size, time, note: `${text}\n${logLines.join('')}${cosignerLine}` }
}
