import pg from 'pg'

export type Pool = pg.Pool
export type Client = pg.PoolClient

/** Oldest PostgreSQL that the project is tested for. */
const versionMin = 14

/**
 * How long a session that holds locks may be silent: a node that is stopped in mid-append holds
 * the others up for no longer. What waits for its locks waits a little longer, so that the first
 * wait is mostly the last.
 */
const idleInTransactionMs = 4_000
const lockTimeoutMs = 6_000
const statementTimeoutMs = 20_000
/** A server that does not even say that a statement timed out is out of reach. */
const queryTimeoutMs = 25_000
const connectTimeoutMs = 5_000

/** All of the project's in one database: numbers that nobody else is likely to lock. */
export const advisoryLocks = {
  audit: 0x696e6461,
  copy: 0x696e6463,
  creation: 0x696e646c,
  guard: 0x696e6467,
  migration: 0x696e6465,
  signer: 0x696e6473,
} as const

export interface OpenPoolOptions {
  /** `postgres://…`, with whatever TLS and authentication it asks for. */
  readonly url: string
  /** At most so many sessions. */
  readonly connections: number
  /** What the sessions call themselves in `pg_stat_activity`. */
  readonly name: string
  /** Told of sessions that ended by themselves; whoever used one gets an error of its own. */
  readonly onFault: (error: Error) => void
}

const int8Oid = 20

const missingPassword = (): Error =>
  new Error('the server asks for a password, and there is none in the URL, PGPASSWORD or ~/.pgpass')

/**
 * A session that could not be opened, for a password that is missing for example, keeps no
 * connection: `pg` leaves it open until the server's `authentication_timeout`, and so the process.
 */
class Session extends pg.Client {
  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error | null) => void): void
  override connect(callback?: (error: Error | null) => void): Promise<pg.Client> | undefined {
    if (callback === undefined) return super.connect()
    super.connect((error: Error | null) => {
      if (error) void this.end().catch(() => undefined)
      callback(error?.message.includes('client password must be') ? missingPassword() : error)
    })
    return undefined
  }
}

/**
 * Every statement is written for an index: plans made while the tables were small must not stay
 * with a scan of all.
 */
const sessionOptions = '-c search_path=indelible -c enable_seqscan=off -c jit=off'

/**
 * Sessions on the database, opened as they are needed. The settings that the store relies on are
 * each session's own, whatever the server's are. A session that dies, checked out or idle, is
 * replaced; it never ends the process.
 */
export function openPool(options: OpenPoolOptions): Pool {
  const { url, connections, name, onFault } = options
  const types = new pg.TypeOverrides()
  // Indexes, sizes and Unix milliseconds: all far below 2^53.
  types.setTypeParser(int8Oid, Number)
  const ours = {
    Client: Session,
    max: connections,
    application_name: name,
    types,
    // Statements follow each other without waiting for answers.
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    query_timeout: queryTimeoutMs,
    options: sessionOptions,
  }
  const pool = new pg.Pool(withoutOverrides(url, ours))
  // Without a listener the `error` event of one session would end the process.
  pool.on('error', onFault)
  pool.on('connect', (client) => client.on('error', onFault))
  return pool
}

/**
 * In `pg` the URL goes over everything else. Of what the store relies on, only `options` are the
 * operator's as well; ours come last, and hold.
 */
function withoutOverrides<T extends { readonly options: string }>(url: string, ours: T) {
  const address = new URL(url)
  const named = Object.keys(ours).filter((name) => address.searchParams.has(name))
  if (named.length === 0) return { ...ours, connectionString: url }
  const theirs = address.searchParams.get('options') ?? ''
  for (const name of named) address.searchParams.delete(name)
  return { ...ours, options: `${theirs} ${ours.options}`, connectionString: address.href }
}

interface ServerSettings {
  readonly version: number
  readonly encoding: string
  readonly fsync: string | null
  readonly pages: string | null
  readonly commit: string | null
  readonly standby: boolean
}

/**
 * What an acknowledgement relies on, read back: a durability that is not what we claim is a reason
 * not to start, not a warning.
 * @throws Error with a sentence for the operator
 */
export async function assertServer(pool: Pool): Promise<void> {
  const { rows } = await pool.query<ServerSettings>(`
    SELECT
      current_setting('server_version_num')::int / 10000 AS version,
      current_setting('server_encoding') AS encoding,
      current_setting('fsync', true) AS fsync,
      current_setting('full_page_writes', true) AS pages,
      current_setting('synchronous_commit', true) AS commit,
      pg_is_in_recovery() AS standby`)
  const [settings] = rows
  const fault = settings === undefined ? 'answers nothing' : findFault(settings)
  if (fault !== undefined) throw new Error(`The PostgreSQL server ${fault}.`)
}

function findFault(settings: ServerSettings): string | undefined {
  const { version, encoding, fsync, pages, commit, standby } = settings
  if (version < versionMin) return `is version ${version}; Indelible needs ${versionMin} or newer`
  if (encoding !== 'UTF8') {
    return `keeps this database as ${encoding}; create one with ENCODING 'UTF8'`
  }
  const off = [
    ...(fsync === 'off' ? ['fsync'] : []),
    ...(pages === 'off' ? ['full_page_writes'] : []),
    ...(commit === 'off' ? ['synchronous_commit'] : []),
  ]
  if (off.length > 0) {
    return `runs with ${off.join(' and ')} off: what it acknowledges might not survive a power cut; turn it on`
  }
  return standby ? 'is a standby, which can not be written to; name the primary' : undefined
}
