import { concatBytes, encodeUtf8, formatBase64, formatHex, parseBase64 } from './bytes.ts'
import { VerificationError } from './error.ts'
import { sha256 } from './sha256.ts'

/** Types of C2SP signed-note that we verify: a log's own Ed25519, and cosignature/v1. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const

export const keyIdBytes = 4
/** Names are short; the bound keeps a hostile file's from filling a message. */
const nameCharsMax = 1_024
const namePattern = /^[^\p{White_Space}\p{Cc}+]+$/u

/** A public key that somebody decided to trust: C2SP's vkey, read and checked. */
export interface VerifierKey {
  readonly name: string
  readonly keyId: Uint8Array
  readonly type: number
  readonly publicKey: Uint8Array
  /** Its text, and so its identity. */
  readonly vkey: string
}

/** Key names are not empty and hold no Unicode space, no control character and no `+`. */
export const isKeyName = (name: string): boolean =>
  name.length <= nameCharsMax && name.isWellFormed() && namePattern.test(name)

/** Key ID: SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first four bytes. */
export function keyIdOf(name: string, type: number, publicKey: Uint8Array): Uint8Array {
  const input = concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey)
  return sha256(input).slice(0, keyIdBytes)
}

const refuse = (why: string) => new VerificationError('key-malformed', why)

/** The vkey `name+hex(key ID)+base64(type ‖ public key)`; throws `key-malformed`. */
export function formatVerifierKey(name: string, type: number, publicKey: Uint8Array): string {
  if (!isKeyName(name))
    throw refuse('A verifier key is name+key ID+base64, the name without spaces.')
  if (type !== signatureTypes.ed25519 && type !== signatureTypes.cosignature) {
    throw refuse('Only keys of Ed25519 and of cosignature/v1 are supported.')
  }
  if (publicKey.length !== 32) throw refuse('An Ed25519 public key is 32 bytes.')
  const keyId = formatHex(keyIdOf(name, type, publicKey))
  return `${name}+${keyId}+${formatBase64(concatBytes(Uint8Array.of(type), publicKey))}`
}

/** Reads a vkey, only as `formatVerifierKey` writes it, key ID and all; throws `key-malformed`. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const [, name = '', base64 = ''] = /^([^+]+)\+[^+]+\+(.+)$/.exec(vkey) ?? []
  const [type = 0, ...key] = parseBase64(base64) ?? []
  const publicKey = Uint8Array.from(key)
  if (formatVerifierKey(name, type, publicKey) !== vkey) {
    throw refuse(`The key ID of ${name} is not the one of its key.`)
  }
  return { name, keyId: keyIdOf(name, type, publicKey), type, publicKey, vkey }
}
