import { hash } from 'node:crypto'
import type { IndexedGroup } from '../indexed-facts.ts'

/** Characters of a token: see `formatTokens`. */
const tokenChars = 12
/** A bigint begins with its length in PostgreSQL's binary arrays. */
const lengthChars = '\0\0\0\x08'
const hashChars = 8

/**
 * Widths of the ranges that every entry names, in bits of its index: what a lookup ANDs with, to
 * take the newest hits of a common fact without taking all. See docs/adr/0007.
 */
export const rangeBits = [12, 17, 22, 27, 32] as const

const rangeFact = (level: number, block: number): string => `!range${rangeBits[level]}=${block}`

/** Which range of a level an index lies in. */
export const blockOf = (level: number, index: number): number =>
  Math.floor(index / 2 ** (rangeBits[level] ?? 0))

/**
 * Facts → tokens: 64 bits of a keyed hash over tenant and fact. Keyed, so that guesses can't be
 * tested against a stolen database; the tenant is part of it, so that no lookup can cross tenants.
 * A token is a bigint there; here it is the latin1 characters that its array element consists of,
 * so that the tokens of an entry, and of a whole INSERT, are strings that need only be joined.
 */
export function createTokenizer(secret: Uint8Array) {
  const key = Buffer.from(secret).toString('hex')
  const toToken = (tenant: string, fact: string): string =>
    lengthChars + hash('sha256', `${key}${tenant}\n${fact}`, 'latin1').slice(0, hashChars)
  const toTokens = (tenant: string, facts: readonly string[]): string => {
    let text = ''
    for (const fact of facts) text += toToken(tenant, fact)
    return text
  }
  /** Tokens of the ranges of the last entry; most entries lie in those of the one before. */
  let ranges = { tenant: '', block: -1, text: '' }

  const rangeTokens = (tenant: string, index: number): string => {
    const block = blockOf(0, index)
    if (ranges.tenant !== tenant || ranges.block !== block) {
      const tokens = rangeBits.map((_, level) =>
        toToken(tenant, rangeFact(level, blockOf(level, index))),
      )
      ranges = { tenant, block, text: tokens.join('') }
    }
    return ranges.text
  }
  return {
    /** Tokens of some facts, concatenated. */
    toTokens,
    toRangeToken: (tenant: string, level: number, block: number): string =>
      toToken(tenant, rangeFact(level, block)),
    /** Tokens of an entry, concatenated. One that recurs is indexed once, and seldom worth finding. */
    formatEntry(tenant: string, index: number, groups: readonly IndexedGroup[]): string {
      let text = rangeTokens(tenant, index)
      for (const group of groups) {
        // Digests cost 0.45 µs each; most values recur, and bring their group along.
        if (group.memo?.tenant !== tenant) {
          group.memo = { tenant, text: toTokens(tenant, group.facts) }
        }
        text += group.memo.text
      }
      return text
    },
  }
}

export type Tokenizer = ReturnType<typeof createTokenizer>

/** How many tokens a text of tokens holds. */
export const countTokens = (tokens: string): number => tokens.length / tokenChars
