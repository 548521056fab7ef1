import { advisoryLocks, type Client, type Pool } from './open.ts'

/**
 * The session that holds the lock is ended by the server when it is silent for so long: a node that
 * was stopped gives the lock up. A heartbeat keeps that of a node that works.
 */
const silenceMsMax = 5_000
const heartbeatMs = 1_000

/**
 * Which of the nodes signs: the one whose session holds an advisory lock, until that session ends.
 * Two can believe it for a moment (a node that was paused); the guard's compare-and-swap then lets
 * only one of them go on.
 */
export function createSignerLock(options: { readonly pool: Pool }) {
  const { pool } = options
  let session: Client | undefined
  let isHeld = false

  const letGo = (): void => {
    session?.release(true)
    session = undefined
    isHeld = false
  }
  const open = async (): Promise<Client> => {
    const opened = await pool.connect()
    try {
      // Over a dead network the server notices by itself, too.
      await opened.query(`
        SET idle_session_timeout = ${silenceMsMax};
        SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3`)
      return opened
    } catch (error) {
      opened.release(true)
      throw error
    }
  }
  const beat = setInterval(() => {
    const mine = session
    if (!isHeld || mine === undefined) return
    mine.query('SELECT 1').catch(() => {
      // Whoever asks next may have noticed, and opened another one.
      if (session === mine) letGo()
    })
  }, heartbeatMs)
  beat.unref()

  return {
    /**
     * @returns whether this node signs
     * @throws what the database fails with; the lock is then given up
     */
    async take(): Promise<boolean> {
      try {
        session ??= await open()
        if (isHeld) {
          await session.query('SELECT 1')
          return true
        }
        const { rows } = await session.query<{ is_held: boolean }>(
          'SELECT pg_try_advisory_lock($1) AS is_held',
          [advisoryLocks.signer],
        )
        isHeld = rows[0]?.is_held === true
        return isHeld
      } catch (error) {
        letGo()
        throw error
      }
    },
    close(): void {
      clearInterval(beat)
      letGo()
    },
  }
}
