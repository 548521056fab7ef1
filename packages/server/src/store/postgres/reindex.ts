import type { KeptEntry } from '../store.ts'
import { formatIntegers, formatTokens } from './binary-arrays.ts'
import type { Pool } from './open.ts'
import { countTokens, createTokenizer, type ReadFacts } from './tokens.ts'

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
  return {
    /** @returns how many of these entries of one log had other tokens */
    async reindex(tenant: string, entries: readonly KeptEntry[]): Promise<number> {
      let text = ''
      const [firsts, lasts]: [number[], number[]] = [[], []]
      for (const entry of entries) {
        firsts.push(countTokens(text) + 1)
        text += tokenizer.formatEntry(tenant, entry.index, readFacts(entry).groups)
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
  }
}
