import {
  concatBytes,
  encodeUtf8,
  equalBytes,
  formatBase64,
  formatHex,
  parseBase64,
  parseHex,
} from './bytes.ts'
import { VerificationError } from './error.ts'
import { sha256 } from './sha256.ts'

/** Types of C2SP signed-note that we verify: a log's own Ed25519, and cosignature/v1. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const

export const keyIdBytes = 4
export const publicKeyBytes = 32
/** Names are short; the bound keeps a hostile file's from filling a message. */
const nameCharsMax = 1_024
const namePattern = /^[^\p{White_Space}\p{Cc}+]+$/u

/** A public key that somebody decided to trust: C2SP's vkey, read and checked. */
export interface VerifierKey {
  readonly name: string
  readonly keyId: Uint8Array
  readonly type: number
  readonly publicKey: Uint8Array
  /** The text it was read from; the same key always has the same. */
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

function assertKey(name: string, type: number, publicKey: Uint8Array): void {
  if (!isKeyName(name)) throw refuse('A key name holds neither spaces nor +.')
  if (type !== signatureTypes.ed25519 && type !== signatureTypes.cosignature) {
    throw refuse(`Keys of type ${type} are not supported, only Ed25519 and cosignature/v1.`)
  }
  if (publicKey.length !== publicKeyBytes) throw refuse('An Ed25519 public key is 32 bytes.')
}

/** The vkey `name+hex(key ID)+base64(type ‖ public key)`; throws `key-malformed`. */
export function formatVerifierKey(name: string, type: number, publicKey: Uint8Array): string {
  assertKey(name, type, publicKey)
  const keyId = formatHex(keyIdOf(name, type, publicKey))
  return `${name}+${keyId}+${formatBase64(concatBytes(Uint8Array.of(type), publicKey))}`
}

/** Reads a vkey and checks its key ID; throws `key-malformed`. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const [, name = '', hex = '', base64 = ''] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(vkey) ?? []
  const stated = parseHex(hex)
  const key = parseBase64(base64)
  const type = key?.[0]
  if (stated?.length !== keyIdBytes || key === undefined || type === undefined) {
    throw refuse('A verifier key is name+key id+base64.')
  }
  const publicKey = key.slice(1)
  assertKey(name, type, publicKey)
  const keyId = keyIdOf(name, type, publicKey)
  if (!equalBytes(keyId, stated)) throw refuse(`The key id of ${name} is not the one of its key.`)
  return { name, keyId, type, publicKey, vkey }
}
