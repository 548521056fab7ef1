import { hash } from 'node:crypto'
import type { KeptEntry } from '../store.ts'

/** Facts of one value; `memo` belongs to the tokenizer. */
export interface IndexedGroup {
  readonly facts: readonly string[]
  memo: { readonly tenant: string; readonly text: string } | undefined
}

/** What the index is told of an entry. */
export interface IndexedFacts {
  /** Facts by the value they come from; a value that recurs may bring the same object again. */
  readonly groups: readonly IndexedGroup[]
  /** The event's `time`, Unix milliseconds. */
  readonly time: number
}

export type ReadFacts = (entry: KeptEntry) => IndexedFacts

const tokenBytes = 8

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
 * A token is 8 latin1 characters here, a bigint there.
 */
export function createTokenizer(secret: Uint8Array) {
  const key = Buffer.from(secret).toString('hex')
  const toToken = (tenant: string, fact: string): string =>
    hash('sha256', `${key}${tenant}\n${fact}`, 'latin1').slice(0, tokenBytes)
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
    toTokens: (tenant: string, facts: readonly string[]): string =>
      facts.map((fact) => toToken(tenant, fact)).join(''),
    toRangeToken: (tenant: string, level: number, block: number): string =>
      toToken(tenant, rangeFact(level, block)),
    /** Tokens of an entry, each once, concatenated. */
    formatEntry(tenant: string, index: number, groups: readonly IndexedGroup[]): string {
      let text = rangeTokens(tenant, index)
      const seen = new Set<string>()
      for (const group of groups) {
        // Digests cost 0.45 µs each; most values recur, and bring their group along.
        if (group.memo?.tenant !== tenant) {
          const tokens = group.facts.map((fact) => toToken(tenant, fact)).join('')
          group.memo = { tenant, text: tokens }
        }
        const { text: tokens } = group.memo
        for (let at = 0; at < tokens.length; at += tokenBytes) {
          const token = tokens.slice(at, at + tokenBytes)
          if (seen.has(token)) continue
          seen.add(token)
          text += token
        }
      }
      return text
    },
  }
}

export type Tokenizer = ReturnType<typeof createTokenizer>

/** How many tokens a text of tokens holds. */
export const countTokens = (tokens: string): number => tokens.length / tokenBytes
