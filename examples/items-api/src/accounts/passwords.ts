import { randomBytes } from 'node:crypto'
import { hash, type Options, verify } from '@node-rs/argon2'

/** argon2id (RFC 9106), with OWASP's parameters: 19 MiB, two passes, one lane. */
const parameters: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Passwords, known by their hashes alone. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** Takes as long where there is no hash, so that nobody learns by the clock who has an account. */
  isRight(password: string, hash: string | undefined): Promise<boolean>
}

export async function createPasswords(): Promise<Passwords> {
  const nobodys = await hash(randomBytes(32), parameters)
  return {
    hash: (password) => hash(password, parameters),
    async isRight(password, kept) {
      const isSame = await verify(kept ?? nobodys, password)
      return isSame && kept !== undefined
    },
  }
}
