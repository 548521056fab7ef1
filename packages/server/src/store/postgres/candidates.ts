import type { Candidates } from '../store.ts'
import { formatTokens } from './binary-arrays.ts'
import type { Pool } from './open.ts'
import { blockOf, rangeBits, type Tokenizer } from './tokens.ts'

/**
 * The newest (or oldest) entries that carry some facts. GIN knows no order: asked for a common fact
 * it gives all of its entries, millions, for a page of a hundred. So a lookup goes through the log
 * range by range from the near end. Every entry carries a token for each of the ranges it lies in,
 * and GIN's AND of a fact and a range skips whatever lies outside. Ranges grow while hits are few;
 * one that holds too many is given up and taken in its parts.
 */

/** Entries at the near end that are looked at one by one: a common fact is found there at once. */
const nearEntries = 512
/** Hits of one range; where there are more it is taken in its parts. */
const hitsMax = 2_048
/** Ranges are the widest in the end, and then looked up one after the other. */
const topLevel = rangeBits.length - 1
/** Counting stops there: each hit's row has to be visited. */
const countMax = 100_000

/** Indexes with from <= index < until. */
interface Range {
  readonly from: number
  readonly until: number
}

type Groups = Candidates['groups']

/** A condition for each group, from parameter `$first` on. */
const conditions = (groups: Groups, first: number): string =>
  groups.map((_, n) => `e.tokens && $${first + n}::bigint[]`).join(' AND ')

/**
 * What the tokens name is held against the row's own tenant: a forged row must not cross tenants.
 * `|| ''` keeps the planner on the index of tokens.
 */
const ownTenant = "e.tenant || '' = $1"

export function createCandidates(options: { readonly pool: Pool; readonly tokenizer: Tokenizer }) {
  const { pool, tokenizer } = options
  const parametersOf = (tenant: string, groups: Groups) =>
    groups.map((facts) => formatTokens(tokenizer.toTokens(tenant, facts)))

  const readIndexes = async (
    query: { name: string; text: string },
    values: unknown[],
  ): Promise<number[]> => {
    const { rows } = await pool.query<{ idx: number }>({ ...query, values })
    return rows.map(({ idx }) => idx)
  }

  /** Looks at the entries of a short range one by one. */
  const scan = (lookup: Lookup, range: Range, limit: number) => {
    const { tenant, groups, parameters, backwards } = lookup
    const order = backwards ? 'DESC' : 'ASC'
    return readIndexes(
      {
        name: `scan-${groups.length}-${order}`,
        // The concatenation keeps the planner on the primary key.
        text: `
          SELECT e.idx FROM entry AS e
          WHERE e.tenant = $1 AND e.idx >= $2 AND e.idx < $3
            AND ${conditions(groups, 5).replaceAll('e.tokens', "(e.tokens || '{}')")}
          ORDER BY e.idx ${order} LIMIT $4`,
      },
      [tenant, range.from, range.until, limit, ...parameters],
    )
  }

  /** Up to `limit` hits of a block, in no order. */
  const probe = (lookup: Lookup, level: number, block: number, limit: number) => {
    const { tenant, groups, parameters } = lookup
    return readIndexes(
      {
        name: `probe-${groups.length}`,
        text: `
          SELECT e.idx FROM entry AS e
          WHERE ${ownTenant} AND e.tokens @> $3::bigint[] AND ${conditions(groups, 4)} LIMIT $2`,
      },
      [tenant, limit, formatTokens(tokenizer.toRangeToken(tenant, level, block)), ...parameters],
    )
  }

  /** Hits of a range that lies in one block of the level. */
  const search = async (
    lookup: Lookup,
    range: Range,
    level: number,
    wanted: number,
  ): Promise<number[]> => {
    const limit = level === 0 ? 2 ** rangeBits[0] : hitsMax
    const hits = await probe(lookup, level, blockOf(level, range.from), limit + 1)
    if (hits.length <= limit) return sortHits(hits, range, lookup.backwards).slice(0, wanted)
    const found: number[] = []
    let rest = range
    while (!isEmpty(rest) && found.length < wanted) {
      const part = nearPart(rest, level - 1, lookup.backwards)
      found.push(...(await search(lookup, part, level - 1, wanted - found.length)))
      rest = withoutNear(rest, part, lookup.backwards)
    }
    return found
  }

  return {
    /** Indexes of the range that carry all groups, nearest first, at most `limit`. */
    async find({ tenant, groups, direction, limit }: Candidates, range: Range): Promise<number[]> {
      const backwards = direction === 'newest-first'
      const lookup = { tenant, groups, backwards, parameters: parametersOf(tenant, groups) }
      const near = backwards
        ? { from: Math.max(range.from, range.until - nearEntries), until: range.until }
        : { from: range.from, until: Math.min(range.until, range.from + nearEntries) }
      const found = await scan(lookup, near, limit)
      let rest = withoutNear(range, near, backwards)
      for (let level = 0; !isEmpty(rest) && found.length < limit; ) {
        const part = nearPart(rest, level, backwards)
        found.push(...(await search(lookup, part, level, limit - found.length)))
        rest = withoutNear(rest, part, backwards)
        level = Math.min(level + 1, topLevel)
      }
      return found
    },

    /** How many entries carry all groups; not exact beyond a bound. */
    async count(tenant: string, groups: Groups): Promise<{ count: number; exact: boolean }> {
      const { rows } = await pool.query<{ count: number }>({
        name: `count-${groups.length}`,
        text: `
          SELECT count(*) AS count FROM (
            SELECT FROM entry AS e WHERE ${ownTenant} AND ${conditions(groups, 3)} LIMIT $2
          ) AS hit`,
        values: [tenant, countMax + 1, ...parametersOf(tenant, groups)],
      })
      const count = rows[0]?.count ?? 0
      return { count: Math.min(count, countMax), exact: count <= countMax }
    },
  }
}

interface Lookup {
  readonly tenant: string
  readonly groups: Groups
  /** Tokens of each group, as parameters. */
  readonly parameters: readonly Buffer[]
  /** Newest first. */
  readonly backwards: boolean
}

const isEmpty = ({ from, until }: Range): boolean => from >= until

/** What of a range lies in the block of its near end. */
function nearPart({ from, until }: Range, level: number, backwards: boolean): Range {
  const width = 2 ** (rangeBits[level] ?? 0)
  if (backwards) return { from: Math.max(from, blockOf(level, until - 1) * width), until }
  return { from, until: Math.min(until, (blockOf(level, from) + 1) * width) }
}

const withoutNear = ({ from, until }: Range, near: Range, backwards: boolean): Range =>
  backwards ? { from, until: near.from } : { from: near.until, until }

function sortHits(hits: readonly number[], { from, until }: Range, backwards: boolean): number[] {
  const inside = hits.filter((index) => index >= from && index < until)
  return inside.sort((a, b) => (backwards ? b - a : a - b))
}
