import { outsideTransaction } from '../outbox.ts'
import type { PostgresHandle } from './handles.ts'

/**
 * Refuses what is known to be outside of a transaction. A client of `pg` doesn't tell.
 * @throws ClientError `settings-invalid`
 */
export function assertInTransaction(handle: PostgresHandle): void {
  const isPool = 'totalCount' in handle || 'createQueryRunner' in handle
  const isKysely = 'executeQuery' in handle
  const isOutside = isKysely
    ? !handle.isTransaction
    : 'execute' in handle
      ? !('rollback' in handle)
      : isIdleTypeorm(handle)
  if (isPool || isOutside) throw outsideTransaction('This handle is not a transaction')
}

/** An EntityManager has a `queryRunner` in a transaction only; a QueryRunner tells by itself. */
function isIdleTypeorm(handle: object): boolean {
  const isManager = 'createQueryBuilder' in handle
  const runner = isManager && 'queryRunner' in handle ? handle.queryRunner : handle
  if (typeof runner !== 'object' || runner === null) return true
  return 'isTransactionActive' in runner ? !runner.isTransactionActive : isManager
}
