import { Refusal } from '../base/refusal.ts'
import { createShortId, type RandomBytes } from './api-key.ts'
import type { Caller } from './caller.ts'
import type { Directory } from './directory.ts'
import { assertNoFaults, refuseUnknown } from './grants.ts'
import type { Passwords } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import { replaceUser } from './user-acts.ts'

export type OwnPassword = ReturnType<typeof createOwnPassword>

/** What every user may do about themselves: change the password. */
export function createOwnPassword(options: {
  readonly directory: Directory
  readonly passwords: Passwords
  readonly sessions: Pick<Sessions, 'verify'>
  readonly randomBytes: RandomBytes
}) {
  const { directory, passwords, sessions, randomBytes } = options
  return {
    /**
     * Logs the user out everywhere, and ends their viewer tokens. The present password is asked
     * for, within the limits of log-ins: a session left open is not enough.
     * @throws Refusal `scope-insufficient` `request-invalid` `credentials-invalid` `rate-exceeded`
     *   `pushback`
     */
    async change(caller: Caller, current: string, next: string): Promise<void> {
      if (caller.principal.kind !== 'user') {
        throw new Refusal('scope-insufficient', { detail: 'Only users have a password.' })
      }
      assertNoFaults([passwords.findFault(next, '/next', caller.principal.id)])
      const checked = await sessions.verify(caller.principal.id, current, caller.context)
      const passwordHash = await passwords.hash(next)
      await directory.administer(() => {
        const before = directory.user(checked.username)
        // Removed, disabled or changed by somebody else in the meantime.
        if (before === undefined || before.epoch !== checked.epoch) throw refuseUnknown('user')
        const after = { ...before, passwordHash, epoch: createShortId(randomBytes) }
        const act = replaceUser(directory, caller, before, after)
        return { ...act, record: { ...act.record, action: 'password.changed' } }
      })
    },
  }
}
