import type { Outbox } from '@indelible/client/postgres'
import type pg from 'pg'
import { inTransaction, type Transaction } from '../database/transaction.ts'
import { Refusal } from '../refusal.ts'
import { describeProfile, type Profile, type ProfileFields } from './profile.ts'
import * as repository from './profile-repository.ts'

/** What can be done with profiles. Each change and its event are one transaction. */
export interface ProfileService {
  /** @throws Refusal `email-taken` */
  create(fields: ProfileFields): Promise<Profile>
  /** @throws Refusal `user-unknown` */
  read(id: string): Promise<Profile>
  /** One page, in order of the ids. */
  list(page: { readonly after: string; readonly limit: number }): Promise<readonly Profile[]>
  /**
   * Replaces the fields. What replaces nothing is no change: no new version, no event.
   * @throws Refusal `user-unknown`, `version-outdated`, `email-taken`
   */
  update(id: string, fields: ProfileFields, expected?: ExpectedVersions): Promise<Profile>
  /** @throws Refusal `user-unknown`, `version-outdated` */
  remove(id: string, expected?: ExpectedVersions): Promise<void>
}

/** The versions that the caller has seen, one of which must still be the present one. */
export type ExpectedVersions = readonly number[]

export function createProfileService({
  pool,
  outbox,
}: {
  readonly pool: pg.Pool
  readonly outbox: Pick<Outbox, 'change'>
}): ProfileService {
  return {
    create: (fields) =>
      inTransaction(pool, async (transaction) => {
        const created = await repository.insertProfile(transaction, fields)
        await outbox.change(transaction, {
          action: 'user.created',
          targets: [{ type: 'user', id: created.id }],
          before: null,
          after: describeProfile(created),
          data: { operation: 'CREATE', version: created.version },
        })
        return created
      }),

    async read(id) {
      const profile = await repository.findProfile(pool, id)
      if (profile === undefined) throw unknown(id)
      return profile
    },

    list: (page) => repository.listProfiles(pool, page),

    update: (id, fields, expected) =>
      inTransaction(pool, async (transaction) => {
        const before = await take(transaction, id, expected)
        if (before.name === fields.name && before.email === fields.email) return before
        const after = await repository.updateProfile(transaction, id, fields)
        await outbox.change(transaction, {
          action: 'user.updated',
          targets: [{ type: 'user', id }],
          before: describeProfile(before),
          after: describeProfile(after),
          data: { operation: 'UPDATE', version: after.version },
        })
        return after
      }),

    remove: (id, expected) =>
      inTransaction(pool, async (transaction) => {
        const before = await take(transaction, id, expected)
        await repository.markDeleted(transaction, id)
        await outbox.change(transaction, {
          action: 'user.deleted',
          targets: [{ type: 'user', id }],
          before: describeProfile(before),
          after: null,
          data: { operation: 'DELETE', version: before.version + 1 },
        })
      }),
  }
}

/** The profile to be changed, with nobody else changing it until the transaction ends. */
async function take(
  transaction: Transaction,
  id: string,
  expected: ExpectedVersions | undefined,
): Promise<Profile> {
  const profile = await repository.lockProfile(transaction, id)
  if (profile === undefined) throw unknown(id)
  if (expected !== undefined && !expected.includes(profile.version)) {
    const why = `It was changed meanwhile: its version is ${profile.version}. Read it again.`
    throw new Refusal('version-outdated', why)
  }
  return profile
}

const unknown = (id: string) => new Refusal('user-unknown', `There is no user ${id}.`)
