import { hash } from 'node:crypto'
import { limits } from '@indelible/protocol'

const idAlphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const secretAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idChars = 12
/** 32 × log2(62) = 190 bits. */
const secretChars = 32

const format = new RegExp(`^ind_([a-z2-7]{${idChars}})_([0-9A-Za-z]{${secretChars}})$`)

/** Cryptographically secure random bytes; injected so that tests can repeat themselves. */
export type RandomBytes = (size: number) => Uint8Array

/** `length` characters, each as likely as any other. */
export function createToken(randomBytes: RandomBytes, alphabet: string, length: number): string {
  // Bytes beyond the last whole multiple would favour the alphabet's first characters.
  const bound = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < bound && text.length < length) text += alphabet.charAt(byte % alphabet.length)
    }
  }
  return text
}

/** A short random id, lower-case base32, 60 bits. */
export function createShortId(randomBytes: RandomBytes): string {
  return createToken(randomBytes, idAlphabet, idChars)
}

/** An API key: `ind_<id>_<secret>`. The id finds it, the secret proves it. */
export interface ApiKey {
  readonly id: string
  readonly secret: string
}

export function createApiKey(randomBytes: RandomBytes): ApiKey {
  return {
    id: createShortId(randomBytes),
    secret: createToken(randomBytes, secretAlphabet, secretChars),
  }
}

export function formatApiKey(key: ApiKey): string {
  return `ind_${key.id}_${key.secret}`
}

/** @returns undefined for what is not one of our keys, to the letter. Attacker-controlled. */
export function parseApiKey(text: string): ApiKey | undefined {
  if (text.length > limits.keyCharsMax) return undefined
  const [, id, secret] = format.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** SHA-256; enough for secrets of 160 random bits and more, unlike passwords. */
export function digestSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
