import type { ReadFacts } from '../indexed-facts.ts'
import type { KeptEntry } from '../store.ts'
import { formatIntegers, formatTokens } from './binary-arrays.ts'
import type { Pool } from './open.ts'
import { countTokens, createTokenizer } from './tokens.ts'
import type { Span } from './write-rows.ts'

/** Rows that have the right tokens are left alone: a row written anew costs all of its indexes. */
const updateTokens = `
  UPDATE entry SET tokens = fresh.tokens
  FROM (
    SELECT e.idx, ($2::bigint[])[e.token_first::int:e.token_last::int] AS tokens
    FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) AS e (idx, token_first, token_last)
  ) AS fresh
  WHERE entry.tenant = $1 AND entry.idx = fresh.idx AND entry.tokens <> fresh.tokens`

/** Derives the tokens of entries again, from what is kept of them. */
export function createReindexer(options: {
  readonly pool: Pool
  readonly readFacts: ReadFacts
  readonly indexSecret: Uint8Array
}) {
  const { pool, readFacts } = options
  const tokenizer = createTokenizer(options.indexSecret)
  const spans = new Map<string, Span>()
  return {
    /** @returns how many of these entries of one log had other tokens */
    async reindex(tenant: string, entries: readonly KeptEntry[]): Promise<number> {
      let text = ''
      const span = spans.get(tenant) ?? { first: Infinity, last: -Infinity }
      spans.set(tenant, span)
      const [firsts, lasts]: [number[], number[]] = [[], []]
      for (const entry of entries) {
        firsts.push(countTokens(text) + 1)
        const { groups, time } = readFacts(entry)
        span.first = Math.min(span.first, time)
        span.last = Math.max(span.last, time)
        text += tokenizer.formatEntry(tenant, entry.index, groups)
        lasts.push(countTokens(text))
      }
      const { rowCount } = await pool.query({
        name: 'update-tokens',
        text: updateTokens,
        values: [
          tenant,
          formatTokens(text),
          formatIntegers(entries.map(({ index }) => index)),
          formatIntegers(firsts),
          formatIntegers(lasts),
        ],
      })
      return rowCount ?? 0
    },
    /**
     * Keeps the span of the times of a log's entries, all of which were given to `reindex`.
     * @returns false where the log has grown since; what came after `size` is to be given first
     */
    async saveSpan(tenant: string, size: number): Promise<boolean> {
      const { first = null, last = null } = spans.get(tenant) ?? {}
      const { rowCount } = await pool.query(
        'UPDATE log SET first_time = $3, last_time = $4 WHERE tenant = $1 AND size = $2',
        [tenant, size, first, last],
      )
      return rowCount === 1
    },
  }
}
