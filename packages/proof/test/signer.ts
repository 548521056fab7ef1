import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import {
  cosignedMessage,
  encodeUtf8,
  formatCosignature,
  formatSignatureLine,
  formatVerifierKey,
  keyIdOf,
  signatureTypes,
} from '../src/index.ts'

/** PKCS #8 of an Ed25519 private key up to its 32-byte seed (RFC 8410 §7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A signer made from a seed byte: the same every time, so that vectors are reproducible. */
export function createSigner(name: string, seedByte: number) {
  const der = Buffer.concat([pkcs8Head, Buffer.alloc(32, seedByte)])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = new Uint8Array(spki.subarray(-32))
  const line = (type: number, signature: Uint8Array) =>
    formatSignatureLine(name, keyIdOf(name, type, publicKey), signature)
  return {
    vkey: formatVerifierKey(name, signatureTypes.ed25519, publicKey),
    cosignerVkey: formatVerifierKey(name, signatureTypes.cosignature, publicKey),
    /** A signature line over a note's text. */
    sign: (text: string) => line(signatureTypes.ed25519, sign(null, encodeUtf8(text), privateKey)),
    /** A cosignature/v1 line over a checkpoint's text. */
    cosign(seconds: number, text: string) {
      const signature = sign(null, cosignedMessage(seconds, text), privateKey)
      return line(signatureTypes.cosignature, formatCosignature(seconds, signature))
    },
  }
}
