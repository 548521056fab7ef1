import type { RedactionRule, Role, Scope } from '@indelible/protocol'
import type { AdminChange, AdminRecord } from '../store/store.ts'

/** What administration keeps, one JSON value a record. Times are Unix milliseconds. */

export interface KeyRecord {
  readonly id: string
  readonly name: string
  /** Hex SHA-256 of the secret, which is kept nowhere. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  readonly tenants: readonly string[]
  readonly created: number
  readonly createdBy: string
  readonly expires?: number
  /** Requests a second. */
  readonly rate?: number
}

export interface UserRecord {
  readonly username: string
  readonly role: Role
  readonly tenants: readonly string[]
  /** argon2id, PHC string. */
  readonly passwordHash: string
  readonly disabled: boolean
  readonly created: number
  readonly createdBy: string
  /**
   * Random; new whenever what was handed out before must die: another password, disabled, removed
   * and made again. Sessions and viewer tokens carry it.
   */
  readonly epoch: string
}

export interface SessionRecord {
  readonly id: string
  readonly username: string
  readonly created: number
  readonly expires: number
  /** The block of addresses it was opened from (login-limits.ts). */
  readonly address: string
}

export interface TenantRecord {
  readonly tenant: string
  readonly name?: string
  readonly created: number
  readonly createdBy: string
}

/** What events of an action have to be like; one for each tenant and action. */
export interface SchemaRecord {
  readonly tenant: string
  readonly action: string
  /** JSON, as a text: parsed when the first event asks for it. */
  readonly schema: string
  readonly updated: number
  readonly by: string
}

/** Small facts under a name: when a key was last used, whether the first start is behind us. */
export interface SettingRecord {
  readonly id: string
  readonly value: string | number
}

/** What administrators changed of the rules of redaction: one rule of their own, … */
export interface RedactionRecord {
  /** `rule:<name>`, `off:<name>` or `former`. */
  readonly id: string
  readonly changed: number
  readonly changedBy: string
  readonly rule?: RedactionRule
  /** … a built-in rule that is switched off, … */
  readonly switchedOff?: string
  /** … or all that were in effect once, oldest first. */
  readonly former?: readonly RedactionRule[]
}

export interface RecordOf {
  readonly key: KeyRecord
  readonly user: UserRecord
  readonly session: SessionRecord
  readonly tenant: TenantRecord
  readonly schema: SchemaRecord
  readonly setting: SettingRecord
  readonly redaction: RedactionRecord
}

/** A record as a change that the ledger commits. */
export function put<Kind extends keyof RecordOf>(
  kind: Kind,
  id: string,
  record: RecordOf[Kind],
  expect?: 'absent' | 'present',
): AdminChange {
  const value = JSON.stringify(record)
  return expect === undefined ? { kind, id, value } : { kind, id, value, expect }
}

/** The removal of a record as a change. */
export function remove(kind: keyof RecordOf, id: string, expect?: 'present'): AdminChange {
  return expect === undefined ? { kind, id, value: null } : { kind, id, value: null, expect }
}

/** Parses what `put` wrote. */
export function parseRecord<Kind extends keyof RecordOf>(
  _kind: Kind,
  record: Pick<AdminRecord, 'value'>,
): RecordOf[Kind] {
  // Written by `put` alone, in the same transaction as its record in `_system`.
  return JSON.parse(record.value) as RecordOf[Kind]
}
