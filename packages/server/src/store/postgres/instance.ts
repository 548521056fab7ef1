import { Refusal } from '../../base/refusal.ts'
import { type Move, parseMove } from '../move.ts'
import type { Client, Pool } from './open.ts'
import type { ReadPool } from './repeated-reads.ts'

/** What all nodes on one database have in common. */
export interface Instance {
  readonly id: string
  /** Derived from the seed; undefined before the first node. */
  readonly seedMark: Buffer | undefined
  /** Host that origins begin with; undefined before the first node. */
  readonly originHost: string | undefined
  /** Where it stands in a move to or from another store; a service starts only without one. */
  readonly move: Move | undefined
}

interface InstanceRow {
  readonly id: string
  readonly seed_mark: Buffer | null
  readonly origin_host: string | null
  readonly move: string | null
}

const columns = 'id, seed_mark, origin_host, move'

function toInstance(row: InstanceRow | undefined): Instance {
  if (row === undefined) throw new Error('The database lacks the row of its instance.')
  return {
    id: row.id,
    seedMark: row.seed_mark ?? undefined,
    originHost: row.origin_host ?? undefined,
    move: row.move === null ? undefined : parseMove(row.move),
  }
}

export async function readInstance(pool: Pool): Promise<Instance> {
  const { rows } = await pool.query<InstanceRow>(`SELECT ${columns} FROM instance`)
  return toInstance(rows[0])
}

/**
 * Makes a node one of the database's: the first one's seed and origin are everybody's.
 * @param claim.originHost undefined: that of the instance, else `indelible.invalid/<id>`
 * @throws Error with a sentence for the operator where seed or origin are others
 */
export async function claimInstance(
  pool: Pool,
  claim: { readonly seedMark: Uint8Array; readonly originHost?: string | undefined },
): Promise<Instance & { readonly originHost: string }> {
  const { rows } = await pool.query<InstanceRow>(
    `UPDATE instance SET
       seed_mark = coalesce(seed_mark, $1),
       origin_host = coalesce(origin_host, $2, 'indelible.invalid/' || id)
     RETURNING ${columns}`,
    [Buffer.from(claim.seedMark), claim.originHost ?? null],
  )
  const instance = toInstance(rows[0])
  const { originHost = '', seedMark } = instance
  if (seedMark === undefined || Buffer.compare(seedMark, claim.seedMark) !== 0) {
    throw new Error(
      'The seed is not the one that the logs of this database are signed with. Give every node ' +
        'the same file by INDELIBLE_SEED_FILE.',
    )
  }
  if (claim.originHost !== undefined && claim.originHost !== originHost) {
    throw new Error(
      `The logs of this database begin with the origin "${originHost}", and this node was told ` +
        `"${claim.originHost}". Set INDELIBLE_ORIGIN to the same on every node, or leave it out.`,
    )
  }
  return { ...instance, originHost }
}

/** Of a database that takes over the logs of another store, in the caller's transaction. */
export async function takeInstance(
  client: Client,
  taken: {
    readonly id: string
    readonly seedMark: Uint8Array
    readonly originHost: string | undefined
  },
): Promise<void> {
  await client.query('UPDATE instance SET id = $1, seed_mark = $2, origin_host = $3', [
    taken.id,
    Buffer.from(taken.seedMark),
    taken.originHost ?? null,
  ])
}

/**
 * Grows with every change of administration, on whatever node.
 * @throws Refusal `store-unavailable` where the server has become a standby: after a fail-over, what
 *   it says is old, and it takes nothing
 */
export async function readAdminVersion(pool: ReadPool): Promise<number> {
  const { rows } = await pool.query<{ admin_version: number; standby: boolean }>({
    name: 'read-admin-version',
    text: 'SELECT admin_version, pg_is_in_recovery() AS standby FROM instance',
  })
  const [row] = rows
  if (row?.standby === true) {
    throw new Refusal('store-unavailable', { detail: 'The database is a standby.', retryAfterS: 2 })
  }
  return row?.admin_version ?? 0
}
