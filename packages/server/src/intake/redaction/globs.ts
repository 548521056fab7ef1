import { normaliseName } from './keys.ts'

/**
 * The language of configured patterns: literal text, `#` one digit, `?` one letter or digit, `*`
 * a run of up to 64 letters, digits, `_` and `-`; `\` takes the next character literally.
 *
 * There are no alternatives or nested repeats, and `*` must be followed by the end or by a literal
 * that it can't itself match, so nothing is ever tried twice: no pattern can be made slow.
 */

const wildcards: ReadonlyMap<string, string> = new Map([
  ['#', '\\d'],
  ['?', '[A-Za-z0-9]'],
  ['*', '[\\w-]{0,64}'],
])
const patternCharsMax = 200

/** @throws Error naming what is wrong with the pattern. */
export function compileGlob(glob: string): RegExp {
  if (glob.length > patternCharsMax) throw new Error(`is longer than ${patternCharsMax} characters`)
  const tokens = glob.match(/\\[\s\S]|[\s\S]/gu) ?? []
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
