import { type KeyInfo, limits, type Scope } from '@indelible/protocol'
import { type Clock, formatTime } from '../base/clock.ts'
import { createApiKey, digestSecret, formatApiKey, type RandomBytes } from './api-key.ts'
import { attribute, type Caller, formatMaker } from './caller.ts'
import type { Directory } from './directory.ts'
import { parseExpiry } from './expiry.ts'
import {
  assertMayGrant,
  assertNoFaults,
  findTenantFaults,
  reaches,
  refuseUnknown,
} from './grants.ts'
import { assertScope } from './principal.ts'
import { type KeyRecord, put, remove } from './records.ts'

export interface KeyRequest {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly tenants: readonly string[]
  /** RFC 3339. */
  readonly expires?: string
  /** Requests a second. */
  readonly rate?: number
}

export type Keys = ReturnType<typeof createKeys>

/** API keys: made, listed, revoked; each act within the caller's own grant. */
export function createKeys(options: {
  readonly directory: Directory
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}) {
  const { directory, clock, randomBytes } = options

  function describe(record: KeyRecord): KeyInfo {
    const { hash: _, scopes, tenants, created, expires, ...shown } = record
    const lastUsed = directory.lastUsed(record.id)
    return {
      ...{ ...shown, scopes: [...scopes], tenants: [...tenants] },
      created: formatTime(created),
      expires: expires === undefined ? null : formatTime(expires),
      lastUsed: lastUsed === undefined ? null : formatTime(lastUsed),
    }
  }

  return {
    /**
     * @returns the key, whose secret is shown this once
     * @throws Refusal `request-invalid` `scope-insufficient`
     */
    async create(caller: Caller, request: KeyRequest): Promise<KeyInfo & { readonly key: string }> {
      const now = clock()
      const expires = request.expires === undefined ? undefined : parseExpiry(request.expires, now)
      assertNoFaults([
        ...findTenantFaults(request.tenants),
        request.scopes.length === 0
          ? { pointer: '/scopes', detail: 'must name a scope' }
          : undefined,
        typeof expires === 'object' ? expires : undefined,
      ])
      assertMayGrant(caller.principal, request)
      const key = createApiKey(randomBytes)
      const record: KeyRecord = {
        id: key.id,
        name: request.name,
        hash: digestSecret(key.secret).toString('hex'),
        scopes: [...new Set(request.scopes)],
        tenants: request.tenants,
        created: now,
        createdBy: formatMaker(caller.principal),
        ...(typeof expires === 'number' ? { expires } : {}),
        ...(request.rate === undefined ? {} : { rate: request.rate }),
      }
      const shown = describe(record)
      await directory.administer(() => ({
        changes: [put('key', record.id, record, 'absent'), directory.expectUse(record.id)],
        record: {
          action: 'key.created',
          ...attribute(caller),
          targets: [{ type: 'key', id: record.id, name: record.name }],
          data: { scopes: shown.scopes, tenants: shown.tenants, expires: shown.expires },
        },
      }))
      return { ...shown, key: formatApiKey(key) }
    },

    /** Keys whose tenants the caller covers, oldest first; neither secret nor hash. */
    list(caller: Caller): KeyInfo[] {
      assertScope(caller.principal, 'admin')
      return directory
        .keys()
        .filter((record) => reaches(caller.principal, record.tenants))
        .sort((one, other) => one.created - other.created || (one.id < other.id ? -1 : 1))
        .map(describe)
    },

    /**
     * The next request with it is refused, and so are viewer tokens made with it.
     * @throws Refusal `resource-unknown`, for keys beyond the caller's reach too
     */
    async revoke(caller: Caller, id: string): Promise<void> {
      assertScope(caller.principal, 'admin')
      if (id.length > limits.idCharsMax) throw refuseUnknown('key')
      await directory.administer(() => {
        const record = directory.key(id)
        if (record === undefined || !reaches(caller.principal, record.tenants)) {
          throw refuseUnknown('key')
        }
        return {
          changes: [remove('key', id, 'present'), directory.forgetUse(id)],
          record: {
            action: 'key.revoked',
            ...attribute(caller),
            targets: [{ type: 'key', id, name: record.name }],
          },
        }
      })
    },
  }
}
