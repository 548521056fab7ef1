import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible'
import type { CreateLimiter } from '../base/limiter.ts'
import type { Pool } from '../store/postgres/open.ts'

/**
 * Limiters that count over all nodes, in a table of the store's database. While that is out of
 * reach, each node counts by itself: nobody gets in without a limit.
 */
export const createSharedLimiters =
  (pool: Pool): CreateLimiter =>
  ({ name, points, windowS }) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      schemaName: 'indelible',
      tableName: 'rate_limit',
      tableCreated: true,
      // Clears the whole table, whosever the rows are; keys have a limiter each.
      clearExpiredByTimeout: name === 'login-name',
      keyPrefix: name,
      points,
      duration: windowS,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration: windowS }),
    })
