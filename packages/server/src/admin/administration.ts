import { type Fault, limits } from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import type { CreateLimiter } from '../base/limiter.ts'
import type { Keyring } from '../ledger/keyring.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { AdminStore, LogHead } from '../store/store.ts'
import { createAccessTokens } from './access-tokens.ts'
import type { RandomBytes } from './api-key.ts'
import { createCredentials } from './credentials.ts'
import { createDirectory } from './directory.ts'
import { createFirstStart } from './first-start.ts'
import { createKeys } from './keys.ts'
import { createLoginDenials } from './login-denials.ts'
import { createLoginLimits } from './login-limits.ts'
import { createOwnPassword } from './own-password.ts'
import { createPasswords } from './passwords.ts'
import type { Redact } from './redact-record.ts'
import type { RuleChecks } from './redaction-list.ts'
import { createRedactionRules } from './redaction-rules.ts'
import { createRetentionPeriods } from './retention-periods.ts'
import { createSchemas } from './schemas.ts'
import { createSessions } from './sessions.ts'
import { createSignedTokens } from './signed-tokens.ts'
import { createSigningKeys } from './signing-keys.ts'
import { createTenants } from './tenants.ts'
import { readTokenGenerations } from './token-generations.ts'
import { createUsers } from './users.ts'
import { createViewerTokens } from './viewer-tokens.ts'

export type Administration = Awaited<ReturnType<typeof createAdministration>>

interface AdministrationOptions {
  readonly store: AdminStore
  readonly ledger: Pick<Ledger, 'administer' | 'createLog' | 'touch' | 'rotateKey'>
  readonly keyring: Keyring
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** 32 bytes, from the instance's seed. */
  readonly tokenSecret: Uint8Array
  readonly instanceId: string
  /** INDELIBLE_ROOT_KEY. */
  readonly rootKey?: string
  /** INDELIBLE_REFUSED_PASSWORDS_FILE, in lower case. */
  readonly refusedPasswords?: ReadonlySet<string>
  /** INDELIBLE_OPEN_TOKENS. */
  readonly openTokens?: boolean
  /** Throws a Refusal `query-invalid` for a faulty query. */
  readonly checkQuery: (query: string) => void
  /** What is wrong with a JSON Schema, by pointer. */
  readonly findSchemaFaults: (schema: unknown) => readonly Fault[]
  /** What is wrong with an event of an action that is held to a sound schema. */
  readonly findEventFaults: (schema: string, event: unknown) => readonly Fault[]
  readonly listLogs: () => Promise<readonly LogHead[]>
  /** What the intake knows of the rules of redaction. */
  readonly redactionChecks: RuleChecks
  /** Takes secrets out of what people typed, before `_system` keeps it. */
  readonly redact?: Redact
  /** Grows with every change of administration; where other nodes make changes as well. */
  readonly readVersion?: () => Promise<number>
  /** Limits that count over all nodes, where there are several. */
  readonly createLimiter?: CreateLimiter
  /** Told what failed in the background; it is tried again. */
  readonly reportFault: (error: unknown) => void
}

/**
 * Builds everything about access, and loads what is known. Disposing it writes down what is still
 * in memory only: counts of failed log-ins, and when keys were last used.
 */
export async function createAdministration(options: AdministrationOptions) {
  const directory = createDirectory(options)
  const tokens = createSignedTokens({
    ...options,
    readGenerations: () => readTokenGenerations(directory),
  })
  const credentials = createCredentials({ ...options, directory, tokens })
  const passwords = createPasswords({ refused: options.refusedPasswords ?? new Set() })
  const denials = createLoginDenials(options)
  const sessions = createSessions({
    ...options,
    directory,
    tokens,
    passwords,
    denials,
    limits: createLoginLimits(options.createLimiter),
  })
  const redaction = createRedactionRules({ ...options, directory, checks: options.redactionChecks })
  const parts = { ...options, sessions, directory, tokens, credentials, passwords, denials }
  await directory.load()

  const flushLastUsed = () => directory.flush().catch(options.reportFault)
  const timer = setInterval(flushLastUsed, limits.lastUsedFlushMs)
  timer.unref()

  return {
    directory,
    credentials,
    denials,
    accessTokens: createAccessTokens(parts),
    firstStart: createFirstStart(parts),
    keys: createKeys(parts),
    redaction,
    ownPassword: createOwnPassword(parts),
    retentionPeriods: createRetentionPeriods(parts),
    schemas: createSchemas(parts),
    sessions,
    signingKeys: createSigningKeys(parts),
    tenants: createTenants(parts),
    users: createUsers(parts),
    viewerTokens: createViewerTokens(parts),
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer)
      await denials[Symbol.asyncDispose]()
      await redaction[Symbol.asyncDispose]()
      await flushLastUsed()
    },
  }
}
