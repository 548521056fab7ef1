import { limits } from '@indelible/protocol'
import { normaliseName } from './keys.ts'

/**
 * The language of configured patterns: literal text, `#` one digit, `?` one letter or digit, `*`
 * a run of up to 64 letters, digits, `_` and `-`; `\` takes the next character literally.
 *
 * There are no alternatives or nested repeats, and `*` must be followed by the end or by a literal
 * that it can't itself match, so nothing is ever tried twice: no pattern can be made slow.
 */

const runCharsMax = 64
const wildcards: ReadonlyMap<string, string> = new Map([
  ['#', '\\d'],
  ['?', '[A-Za-z0-9]'],
  ['*', `[\\w-]{0,${runCharsMax}}`],
])

/** @throws Error naming what is wrong with the pattern. */
export function compileGlob(glob: string): RegExp {
  const charsMax = limits.redactionPatternCharsMax
  if (glob.length > charsMax) throw new Error(`is longer than ${charsMax} characters`)
  const tokens = readTokens(glob)
  tokens.forEach((token, position) => {
    if (token === '\\') throw new Error('ends in a lone \\')
    if (token === '*') assertRunEnds(tokens, position)
  })
  if (!tokens.some((token) => !wildcards.has(token))) {
    throw new Error('needs a literal character beside its wildcards')
  }
  const source = tokens.map((token) => wildcards.get(token) ?? escapeLiteral(token))
  return new RegExp(source.join(''), 'g')
}

const readTokens = (glob: string): readonly string[] => glob.match(/\\[\s\S]|[\s\S]/gu) ?? []

/** The expression of what stands before the first run: what a text must hold. */
export function compileStart(glob: string): string {
  return readStart(glob)
    .map((token) => wildcards.get(token) ?? escapeLiteral(token))
    .join('')
}

/**
 * How many steps it takes for each character of the worst text. From one place it takes a step for
 * a literal or wildcard and up to 64 for a run; it begins anew only where its start does, and
 * `CASE-` can't begin within itself, as `aaa` can.
 */
export function countSteps(glob: string): number {
  const steps = readTokens(glob).reduce((sum, token) => sum + (token === '*' ? runCharsMax : 1), 0)
  const start = readStart(glob)
  const overlapsAt = (shift: number) =>
    start.slice(shift).every((token, n) => couldBeSame(token, start[n]))
  let period = 1
  while (period < start.length && !overlapsAt(period)) period++
  return Math.ceil(steps / period)
}

function readStart(glob: string): readonly string[] {
  const tokens = readTokens(glob)
  const run = tokens.indexOf('*')
  return run === -1 ? tokens : tokens.slice(0, run)
}

const couldBeSame = (one: string, other = ''): boolean =>
  wildcards.has(one) || wildcards.has(other) || escapeLiteral(one) === escapeLiteral(other)

function assertRunEnds(tokens: readonly string[], position: number): void {
  if (position === 0) throw new Error('may not begin with *')
  const next = tokens[position + 1]
  if (next !== undefined && /^(?:[*?#]|\\?[\w-])$/.test(next)) {
    throw new Error('needs a literal that is no letter, digit, _ or - behind *')
  }
}

function escapeLiteral(token: string): string {
  return RegExp.escape(token.startsWith('\\') ? token.slice(1) : token)
}

/** Matches normalised member names; `*` stands for any run. Used once per distinct name. */
export function createNameTest(glob: string): (normalName: string) => boolean {
  const pieces = glob.split('*').map(normaliseName)
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return (name) => name === first
  return (name) => {
    if (!name.startsWith(first)) return false
    let at = first.length
    for (const piece of rest) {
      const found = name.indexOf(piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return name.length - last.length >= at && name.endsWith(last)
  }
}
