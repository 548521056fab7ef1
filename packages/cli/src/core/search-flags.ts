import type { Command } from 'commander'
import type { Parameters } from './client.ts'

export interface SearchFlags {
  readonly since?: string
  readonly until?: string
  readonly tenant?: string
}

/** What `search`, `tail` and `export` have in common. */
export const addTenant = (command: Command): Command =>
  command.option('--tenant <name>', "whose log; '*' is every one the key covers")

export const addSpan = (command: Command): Command =>
  command
    .option('--since <time>', 'from then on: 2026-11-01, an RFC 3339 time, or now-2h')
    .option('--until <time>', 'before then')

/** The request's parameters; words of the query that the shell took apart are put together. */
export const searchParameters = (words: readonly string[], flags: SearchFlags): Parameters => ({
  q: words.length === 0 ? undefined : words.join(' '),
  since: flags.since,
  until: flags.until,
  tenant: flags.tenant,
})

/**
 * A term such as `-outcome:success` is no flag: there are no short flags beside -h and -V, so words
 * that begin with one dash and have more than a letter go behind `--`.
 */
export function protectNegatedTerms(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  const flags = end === -1 ? words : words.slice(0, end)
  const terms = flags.filter((word) => /^-[^-]./s.test(word))
  const rest = end === -1 ? [] : words.slice(end + 1)
  if (terms.length === 0 && end === -1) return words
  return [...flags.filter((word) => !terms.includes(word)), '--', ...terms, ...rest]
}
