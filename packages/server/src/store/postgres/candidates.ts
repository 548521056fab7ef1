import type { Candidates } from '../store.ts'
import { formatTokens } from './binary-arrays.ts'
import { type Range, walkRanges } from './range-walk.ts'
import type { ReadPool } from './repeated-reads.ts'
import { rangeBits, type Tokenizer } from './tokens.ts'

/**
 * GIN knows no order: asked for a common fact it gives all of its entries, millions, for a page of a
 * hundred. So every entry also carries a token for each of the ranges it lies in; GIN's AND of a
 * fact and a range skips whatever lies outside. See range-walk.ts, and docs/adr/0007.
 */

const nearEntries = 512
/** An empty block costs about 0.3 ms, one with hits as much as all of its hits. */
const locateBlocksMax = 64
/**
 * Each hit's row has to be visited: measured, 1.5 µs in cache and in a row, 10 µs far apart. As many
 * as the narrowest range is wide, so that it never holds too many.
 */
const hitsMax = 2 ** rangeBits[0]
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

export function createCandidates(options: {
  readonly pool: ReadPool
  readonly tokenizer: Tokenizer
}) {
  const { pool, tokenizer } = options
  const parametersOf = (tenant: string, groups: Groups) =>
    groups.map((facts) => formatTokens(tokenizer.toTokens(tenant, facts)))

  return {
    /** Indexes of the range that carry all groups, nearest first, at most `limit`. */
    find({ tenant, groups, direction, limit }: Candidates, range: Range): Promise<number[]> {
      const backwards = direction === 'newest-first'
      const statements = writeStatements(groups, backwards ? 'DESC' : 'ASC')
      const tokens = parametersOf(tenant, groups)
      const rangeTokens = (level: number, blocks: readonly number[]) =>
        formatTokens(blocks.map((block) => tokenizer.toRangeToken(tenant, level, block)).join(''))
      const lookups = {
        async scan({ from, until }: Range, most: number) {
          const values = [tenant, from, until, most, ...tokens]
          const { rows } = await pool.query<{ idx: number }>({ ...statements.scan, values })
          return rows.map(({ idx }) => idx)
        },
        async probe(level: number, block: number, { from, until }: Range, most: number) {
          const within = rangeTokens(level, [block])
          const values = [tenant, hitsMax + 1, within, from, until, most, ...tokens]
          const { rows } = await pool.query<ProbeRow>({ ...statements.probe, values })
          const [{ hits, nearest } = { hits: 0, nearest: [] }] = rows
          return hits > hitsMax ? undefined : nearest.map(Number)
        },
        async locate({ level, first, last }: { level: number; first: number; last: number }) {
          const step = first <= last ? 1 : -1
          const blocks = Array.from(
            { length: Math.abs(last - first) + 1 },
            (_, n) => first + n * step,
          )
          const values = [tenant, rangeTokens(level, blocks), ...tokens]
          const { rows } = await pool.query<{ place: number }>({ ...statements.locate, values })
          const place = rows[0]?.place
          return place === undefined ? undefined : blocks[place - 1]
        },
      }
      return walkRanges(
        { bits: rangeBits, nearEntries, locateBlocksMax, backwards, ...lookups },
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

interface ProbeRow {
  readonly hits: number
  /** `pg` parses the elements of a bigint[] as text. */
  readonly nearest: readonly (string | number)[]
}

/** The statements of `walkRanges`, for so many groups. */
function writeStatements(groups: Groups, order: 'ASC' | 'DESC') {
  const name = (what: string) => `${what}-${order}-${groups.length}`
  return {
    scan: {
      name: name('scan'),
      // The concatenation keeps the planner on the primary key.
      text: `
        SELECT e.idx FROM entry AS e
        WHERE e.tenant = $1 AND e.idx >= $2 AND e.idx < $3
          AND ${conditions("(e.tokens || '{}')", groups, 5)}
        ORDER BY e.idx ${order} LIMIT $4`,
    },
    probe: {
      name: name('probe'),
      text: `
        WITH hit AS MATERIALIZED (
          SELECT e.idx FROM entry AS e
          WHERE ${ownTenant} AND e.tokens @> $3::bigint[] AND ${conditions('e.tokens', groups, 7)}
          LIMIT $2
        )
        SELECT
          (SELECT count(*) FROM hit) AS hits,
          ARRAY(
            SELECT idx FROM hit WHERE idx >= $4 AND idx < $5 ORDER BY idx ${order} LIMIT $6
          ) AS nearest`,
    },
    locate: {
      name: name('locate'),
      // Blocks in order, one after the other, and none after the first that has a hit: as EXISTS
      // the planner may ask all of them, or the index for the facts alone.
      text: `
        SELECT b.place FROM (
          SELECT token, place FROM unnest($2::bigint[]) WITH ORDINALITY AS b (token, place)
          ORDER BY place
        ) AS b
        CROSS JOIN LATERAL (
          SELECT FROM entry AS e
          WHERE ${ownTenant} AND e.tokens @> ARRAY[b.token]
            AND ${conditions('e.tokens', groups, 3)}
          LIMIT 1
        ) AS hit
        ORDER BY b.place LIMIT 1`,
    },
  }
}
