import type { Candidates } from '../store.ts'
import { formatTokens } from './binary-arrays.ts'
import type { Pool } from './open.ts'
import { type Range, walkRanges } from './range-walk.ts'
import { rangeBits, type Tokenizer } from './tokens.ts'

/**
 * GIN knows no order: asked for a common fact it gives all of its entries, millions, for a page of a
 * hundred. So every entry also carries a token for each of the ranges it lies in; GIN's AND of a
 * fact and a range skips whatever lies outside. See range-walk.ts, and docs/adr/0007.
 */

const nearEntries = 512
const hitsMax = 2_048
/** Counting stops there: each hit's row has to be visited. */
const countMax = 100_000

type Groups = Candidates['groups']

/** A condition for each group, from parameter `$first` on. */
const conditions = (column: string, groups: Groups, first: number): string =>
  groups.map((_, n) => `${column} && $${first + n}::bigint[]`).join(' AND ')

/**
 * What the tokens name is held against the row's own tenant: a forged row must not cross tenants.
 * `|| ''` keeps the planner on the index of tokens.
 */
const ownTenant = "e.tenant || '' = $1"

export function createCandidates(options: { readonly pool: Pool; readonly tokenizer: Tokenizer }) {
  const { pool, tokenizer } = options
  const parametersOf = (tenant: string, groups: Groups) =>
    groups.map((facts) => formatTokens(tokenizer.toTokens(tenant, facts)))

  const readIndexes = async (name: string, text: string, values: unknown[]): Promise<number[]> => {
    const { rows } = await pool.query<{ idx: number }>({ name, text, values })
    return rows.map(({ idx }) => idx)
  }

  return {
    /** Indexes of the range that carry all groups, nearest first, at most `limit`. */
    find({ tenant, groups, direction, limit }: Candidates, range: Range): Promise<number[]> {
      const tokens = parametersOf(tenant, groups)
      const backwards = direction === 'newest-first'
      const order = backwards ? 'DESC' : 'ASC'
      // The concatenation keeps the planner on the primary key.
      const scanText = `
        SELECT e.idx FROM entry AS e
        WHERE e.tenant = $1 AND e.idx >= $2 AND e.idx < $3
          AND ${conditions("(e.tokens || '{}')", groups, 5)}
        ORDER BY e.idx ${order} LIMIT $4`
      const probeText = `
        SELECT e.idx FROM entry AS e
        WHERE ${ownTenant} AND e.tokens @> $3::bigint[] AND ${conditions('e.tokens', groups, 4)}
        LIMIT $2`
      return walkRanges(
        {
          ...{ bits: rangeBits, nearEntries, hitsMax, backwards },
          scan: ({ from, until }, most) =>
            readIndexes(`scan-${order}-${groups.length}`, scanText, [
              ...[tenant, from, until, most],
              ...tokens,
            ]),
          probe: (level, block, most) => {
            const within = formatTokens(tokenizer.toRangeToken(tenant, level, block))
            return readIndexes(`probe-${groups.length}`, probeText, [
              ...[tenant, most, within],
              ...tokens,
            ])
          },
        },
        range,
        limit,
      )
    },

    /** How many entries carry all groups; not exact beyond a bound. */
    async count(tenant: string, groups: Groups): Promise<{ count: number; exact: boolean }> {
      const { rows } = await pool.query<{ count: number }>({
        name: `count-${groups.length}`,
        text: `
          SELECT count(*) AS count FROM (
            SELECT FROM entry AS e
            WHERE ${ownTenant} AND ${conditions('e.tokens', groups, 3)} LIMIT $2
          ) AS hit`,
        values: [tenant, countMax + 1, ...parametersOf(tenant, groups)],
      })
      const count = rows[0]?.count ?? 0
      return { count: Math.min(count, countMax), exact: count <= countMax }
    },
  }
}
