import type { PostgresHandle } from '@indelible/client/postgres'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { DataSource } from 'typeorm'
import { createPool, inTransaction } from './pool.ts'

/** A database as the users of a library have it. */
export interface Library extends AsyncDisposable {
  /** For the relay. */
  readonly db: PostgresHandle
  /** The same, for a statement of its own. */
  readonly outside: PostgresHandle
  /** Runs the work in a transaction of the library; what it throws rolls back. */
  transact(work: (transaction: PostgresHandle) => Promise<void>): Promise<void>
}

export const libraries: Readonly<Record<string, (url: string) => Promise<Library>>> = {
  async pg(url) {
    const pool = createPool(url)
    return {
      db: pool,
      outside: pool,
      transact: (work) => inTransaction(pool, work),
      [Symbol.asyncDispose]: () => pool.end(),
    }
  },
  async 'drizzle-orm'(url) {
    const pool = createPool(url)
    const db = drizzle(pool)
    return {
      db,
      outside: db,
      transact: (work) => db.transaction(work),
      [Symbol.asyncDispose]: () => pool.end(),
    }
  },
  async kysely(url) {
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: createPool(url) }) })
    return {
      db,
      outside: db,
      transact: (work) => db.transaction().execute(work),
      [Symbol.asyncDispose]: () => db.destroy(),
    }
  },
  async 'typeorm, by its entity manager'(url) {
    const db = await new DataSource({ type: 'postgres', url }).initialize()
    return {
      db,
      outside: db,
      transact: (work) => db.transaction(work),
      [Symbol.asyncDispose]: () => db.destroy(),
    }
  },
  async 'typeorm, by its query runner'(url) {
    const db = await new DataSource({ type: 'postgres', url }).initialize()
    return {
      db,
      outside: db.manager,
      async transact(work) {
        await using runner = db.createQueryRunner()
        await runner.startTransaction()
        try {
          await work(runner)
          await runner.commitTransaction()
        } catch (error) {
          await runner.rollbackTransaction()
          throw error
        }
      },
      [Symbol.asyncDispose]: () => db.destroy(),
    }
  },
  /** Prisma's documented signatures over `pg`: its client is generated, from a download. */
  async 'prisma, by its signatures'(url) {
    const pool = createPool(url)
    const $transaction = <T>(work: (transaction: ReturnType<typeof toPrisma>) => Promise<T>) =>
      inTransaction(pool, (client) => work(toPrisma(client)))
    return {
      db: toPrisma(pool),
      outside: toPrisma(pool),
      transact: (work) => $transaction(work),
      [Symbol.asyncDispose]: () => pool.end(),
    }
  },
}

const toPrisma = (client: pg.Pool | pg.PoolClient) => ({
  $executeRawUnsafe: async (text: string, ...values: string[]) =>
    (await client.query(text, values)).rowCount ?? 0,
  $queryRawUnsafe: async (text: string, ...values: string[]) =>
    (await client.query(text, values)).rows,
})
