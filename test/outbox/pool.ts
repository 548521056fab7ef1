import pg from 'pg'

export function createPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString })
  // Databases are killed here.
  return pool.on('error', () => undefined)
}

export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  client.on('error', () => undefined)
  let isBroken = true
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    isBroken = false
    return result
  } finally {
    client.removeAllListeners('error')
    client.release(isBroken)
  }
}
