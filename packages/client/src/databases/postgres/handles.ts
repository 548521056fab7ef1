import { compileForKysely, toHex } from '../raw-statement.ts'

/**
 * The caller's own database library, known by what it can do: no library is imported. Whatever it is,
 * statements have texts as parameters, and casts say what they are.
 */

/** `pg`'s Client and PoolClient, TypeORM's EntityManager and QueryRunner. */
export interface QueryHandle {
  query(text: string, values?: string[]): Promise<unknown>
}

/** Kysely, its transactions included. */
export interface KyselyHandle {
  readonly isTransaction: boolean
  /** Takes its own CompiledQuery. */
  executeQuery(query: never): Promise<unknown>
}

/** Drizzle, its transactions included. It takes raw text, without parameters. */
export interface DrizzleHandle {
  execute(text: string): PromiseLike<unknown>
}

/** The client of Prisma, and that of its interactive transactions. */
export interface PrismaHandle {
  $executeRawUnsafe(text: string, ...values: string[]): PromiseLike<unknown>
  $queryRawUnsafe(text: string, ...values: string[]): PromiseLike<unknown>
}

export type PostgresHandle = QueryHandle | KyselyHandle | DrizzleHandle | PrismaHandle

/** A statement; parameters stand in it as `$1::text`. */
export interface Statement {
  readonly text: string
  readonly values?: readonly string[]
}

/** Runs a statement. */
export async function execute(handle: PostgresHandle, statement: Statement): Promise<void> {
  const { text, values = [] } = statement
  if ('$executeRawUnsafe' in handle) await handle.$executeRawUnsafe(text, ...values)
  else await run(handle, statement)
}

/** Runs a query. @returns its rows; each column must be a text */
export async function query(
  handle: PostgresHandle,
  statement: Statement,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const { text, values = [] } = statement
  const result =
    '$queryRawUnsafe' in handle
      ? await handle.$queryRawUnsafe(text, ...values)
      : await run(handle, statement)
  const rows =
    typeof result === 'object' && result !== null && 'rows' in result ? result.rows : result
  if (!Array.isArray(rows)) throw new TypeError('The database handle answers without rows.')
  return rows
}

async function run(
  handle: QueryHandle | KyselyHandle | DrizzleHandle,
  statement: Statement,
): Promise<unknown> {
  const { text, values = [] } = statement
  // The handle's own type of query, which can't be named here.
  if ('executeQuery' in handle) return handle.executeQuery(compileForKysely(text, values) as never)
  if ('execute' in handle) return handle.execute(withLiterals(text, values))
  // Without values, `pg` takes several statements in one text.
  return values.length === 0 ? handle.query(text) : handle.query(text, [...values])
}

/** Values as literals. */
function withLiterals(text: string, values: readonly string[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, number: string) => {
    const hex = toHex(values[Number(number) - 1] ?? '')
    return `convert_from(decode('${hex}', 'hex'), 'UTF8')`
  })
}
