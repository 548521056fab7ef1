import {
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { formatVerifierKey, keyIdOf } from '@indelible/proof'

/** PKCS #8 wrapping of a raw Ed25519 seed (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiPrefixBytes = 12
export const seedBytes = 32

/** A key that signs notes under one name (C2SP signed-note). */
export interface NoteSigner {
  readonly name: string
  readonly keyId: Uint8Array
  readonly vkey: string
  /** Ed25519 over exactly these bytes. */
  sign(message: Uint8Array): Uint8Array
}

/** What a seed gives a secret for, beside keys. Never change one: what it made is kept. */
type SecretLabel =
  | 'audit results'
  | 'cursor'
  | 'event-ids'
  | 'index'
  | 'queue-ids'
  | 'redaction'
  | 'seed mark'
  | 'tokens'

/**
 * Every key of the instance, derived by HKDF-SHA-256 from its 32-byte seed, which is kept outside
 * the database: whoever holds the database alone can sign nothing.
 */
export interface Keyring {
  /** Type 0x01: signs the checkpoints of one log. */
  readonly logSigner: (origin: string, generation: number) => NoteSigner
  /** Type 0x04: the instance's own timestamped cosignature. */
  readonly cosigner: NoteSigner
  /** A fresh origin: `<host>/l/<opaque id>`. */
  readonly createOrigin: () => string
  /** 32 bytes for another purpose, named by `label`. */
  readonly deriveSecret: (label: SecretLabel) => Uint8Array
}

export function createKeyring(options: {
  readonly seed: Uint8Array
  /** Host that origins begin with; see evidence A2. */
  readonly originHost: string
}): Keyring {
  const { seed, originHost } = options
  if (seed.length !== seedBytes) throw new Error(`The seed must have ${seedBytes} bytes.`)
  const derive = (info: string) => new Uint8Array(hkdfSync('sha256', seed, '', info, 32))
  return {
    logSigner: (origin, generation) =>
      createNoteSigner(origin, 0x01, derive(`indelible log key v1\n${origin}\n${generation}`)),
    cosigner: createNoteSigner(
      `${originHost}/instance`,
      0x04,
      derive(`indelible instance key v1\n${originHost}`),
    ),
    createOrigin: () => `${originHost}/l/${randomBytes(10).toString('hex')}`,
    deriveSecret: (label) => derive(`indelible secret v1\n${label}`),
  }
}

function createNoteSigner(name: string, type: number, seed: Uint8Array): NoteSigner {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const publicKey = new Uint8Array(spki.subarray(spkiPrefixBytes))
  return {
    name,
    keyId: keyIdOf(name, type, publicKey),
    vkey: formatVerifierKey(name, type, publicKey),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  }
}
