import {
  everyTenant,
  type FormerKeyInfo,
  type LogInfo,
  type TokenKeyInfo,
} from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { describeFormerKeys, type KeyRotation, rotateKey } from '../ledger/key-rotation.ts'
import type { Keyring } from '../ledger/keyring.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSystemEvent } from '../ledger/system-event.ts'
import type { LogHead } from '../store/store.ts'
import { attribute, type Caller } from './caller.ts'
import type { Directory } from './directory.ts'
import { assertCovers, assertScope } from './principal.ts'
import { type Redact, redactRecord } from './redact-record.ts'
import {
  followTokenGenerations,
  putTokenGenerations,
  readTokenGenerations,
  type TokenGenerations,
} from './token-generations.ts'

/** A log's keys, as the API tells them. */
type LogKeysInfo = Pick<LogInfo, 'tenant' | 'origin' | 'vkey'> & {
  readonly formerKeys: readonly FormerKeyInfo[]
}

export type SigningKeys = ReturnType<typeof createSigningKeys>

/** Rotation of what we sign with: logs' checkpoints, and tokens. */
export function createSigningKeys(options: {
  readonly directory: Directory
  readonly ledger: Pick<Ledger, 'rotateKey'>
  readonly listLogs: () => Promise<readonly LogHead[]>
  readonly keyring: Keyring
  readonly clock: Clock
  readonly redact?: Redact
}) {
  const { directory, ledger, listLogs, keyring, clock, redact } = options

  /** A key of a log is everybody's who reads it, so it is nobody's who administers one tenant. */
  function assertMay({ principal }: Caller): void {
    assertScope(principal, 'admin')
    assertCovers(principal, everyTenant)
  }

  const describe = (
    { tenant, generation }: LogHead,
    { origin, keys }: KeyRotation,
    caller: Caller,
  ) => {
    const { succession, ended } = keys.formerKeys.at(-1) ?? {}
    const revoked = keys.formerKeys.filter(({ signs }) => !signs).map((key) => key.vkey)
    return redactRecord(
      {
        action: 'log.key-rotated',
        ...attribute(caller),
        targets: [{ type: 'tenant', id: tenant }],
        data: {
          ...{ origin, generation: keys.generation, vkey: keys.vkey },
          ...{ former: generation, succession, revoked },
          ...(ended !== undefined && { ended: formatTime(ended) }),
        },
      },
      redact,
    )
  }

  return {
    /** @throws Refusal `scope-insufficient` `log-unknown` `resource-conflict` `pushback` */
    async rotateLog(caller: Caller, tenant: string, revoke: boolean): Promise<LogKeysInfo> {
      assertMay(caller)
      const head = (await listLogs()).find((log) => log.tenant === tenant)
      if (head === undefined) {
        throw new Refusal('log-unknown', { detail: `The tenant "${tenant}" has no log yet.` })
      }
      if (head.formerTenant !== undefined) {
        throw new Refusal('resource-conflict', {
          detail: `The log "${tenant}" has ended, and is signed no more.`,
        })
      }
      const rotation = rotateKey(keyring, head, { revoke, now: clock() })
      const record = createSystemEvent(describe(head, rotation, caller), clock())
      await ledger.rotateKey(rotation, record)
      const { origin, keys } = rotation
      return { tenant, origin, vkey: keys.vkey, formerKeys: describeFormerKeys(keys) }
    },
    tokenKey(caller: Caller): TokenKeyInfo {
      assertMay(caller)
      return describeTokenKey(readTokenGenerations(directory))
    },
    /** @throws Refusal `scope-insufficient` `pushback` */
    async rotateTokens(caller: Caller, revoke: boolean): Promise<TokenKeyInfo> {
      assertMay(caller)
      await directory.administer(() => {
        const before = readTokenGenerations(directory)
        const after = followTokenGenerations(before, { revoke, now: clock() })
        return {
          changes: [putTokenGenerations(after)],
          record: {
            action: 'token-key.rotated',
            ...attribute(caller),
            data: { generation: after.current, former: before.current, revoked: revoke },
          },
          isExclusive: true,
        }
      })
      return describeTokenKey(readTokenGenerations(directory))
    },
  }
}

const describeTokenKey = ({ current, since, former }: TokenGenerations): TokenKeyInfo => ({
  generation: current,
  since: since === undefined ? null : formatTime(since),
  former: former.map(({ generation, until }) => ({ generation, until: formatTime(until) })),
})
