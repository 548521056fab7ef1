import { randomBytes } from 'node:crypto'
import { type Fault, limits } from '@indelible/protocol'
import { hash, verify } from '@node-rs/argon2'
import { Refusal } from '../base/refusal.ts'
import { isGuessable } from './guessable.ts'

/** argon2id (the library's default) at OWASP's parameters: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/**
 * What is wrong with a new password; undefined if nothing is. Never truncated and never normalised:
 * lone surrogates are refused because they would all become the same bytes.
 * @param username whose password it is to be, in lower case
 */
export function findPasswordFault(
  password: string,
  pointer: string,
  username?: string,
): Fault | undefined {
  const fault = (detail: string) => ({ pointer, detail })
  if (Buffer.byteLength(password) > limits.passwordBytesMax) {
    return fault(`may have ${limits.passwordBytesMax} bytes at most`)
  }
  if ([...password].length < limits.passwordCharsMin) {
    return fault(`must have ${limits.passwordCharsMin} characters at least`)
  }
  if (password.includes('\0')) return fault('must not contain NUL')
  if (!password.isWellFormed()) return fault('must be well-formed Unicode')
  return isGuessable(password, username)
    ? fault('must not be a repetition, a row of the keyboard, or little more than a name')
    : undefined
}

export type Passwords = ReturnType<typeof createPasswords>

/**
 * Hashes and checks passwords, few at a time: each takes 19 MiB and tens of milliseconds of a core
 * that appends need too. Whoever comes when the waiting room is full gets `pushback`.
 */
export function createPasswords(options?: {
  readonly hashesMax?: number
  readonly waitingMax?: number
  /** Passwords that are known to others, in lower case. */
  readonly refused?: ReadonlySet<string>
}) {
  const hashesMax = options?.hashesMax ?? limits.passwordHashesMax
  const waitingMax = options?.waitingMax ?? limits.passwordHashesWaitingMax
  const waiting: (() => void)[] = []
  let running = 0
  /** What unknown users are checked against: the same work, and never a match. */
  const dummy = hash(randomBytes(32), parameters)

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= hashesMax) {
      if (waiting.length >= waitingMax) {
        throw new Refusal('pushback', {
          detail: 'Too many passwords are being checked. Try again in a moment.',
          retryAfterS: 2,
        })
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      // The place is handed on, not given back, so that nobody slips in between.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }

  return {
    /** As `findPasswordFault`, and by the list of those that are known to others. */
    findFault(password: string, pointer: string, username: string): Fault | undefined {
      const isKnown = options?.refused?.has(password.toLowerCase()) === true
      const detail = 'must not be one that others have used: it is on the list of refused passwords'
      return isKnown ? { pointer, detail } : findPasswordFault(password, pointer, username)
    },
    /** @returns a PHC string. @throws Refusal `pushback` */
    hash: (password: string): Promise<string> => inTurn(() => hash(password, parameters)),
    /**
     * Takes as long, and answers false, where there is no hash to check against.
     * @throws Refusal `pushback`
     */
    verify: (passwordHash: string | undefined, password: string): Promise<boolean> =>
      inTurn(async () => {
        const fits = await verify(passwordHash ?? (await dummy), password)
        return fits && passwordHash !== undefined
      }),
  }
}
