import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPatternCompiler } from './pattern.ts'
import { PatternFault } from './pattern-syntax.ts'

const matches = (source: string, text: string) =>
  createPatternCompiler().compile(source)(text, () => undefined)

/** Patterns of every construct that is supported, and texts that they are likely to be about. */
const atom = fc.constantFrom(
  ...['a', 'b', '.', '^', '$', '\\d', '\\W', '[a-c]', '[^b\\]]', '\\.', '-', '😀', '\\u{1F600}'],
  ...['\\ud83d\\ude00', '\\x61', '\\p{L}', '\\/', '()'],
)
const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc
    .array(fc.array(tie('piece'), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((choices) => choices.map((pieces) => pieces.join('')).join('|')),
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc
      .tuple(
        fc.constantFrom('a', '[ab]', '\\d', '.', '😀'),
        fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '{0}'),
      )
      .map((parts) => parts.join('')),
    fc
      .tuple(tie('pattern'), fc.constantFrom('(', '(?:', '(?<n>'), fc.constantFrom('', '*', '{2}'))
      .map(([inner, opening, repeat]) => `${opening}${inner})${repeat}`),
  ),
}))
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '1', '.', '-', ']', '😀', '\n', 'é'), { maxLength: 12 })
  .map((characters) => characters.join(''))

describe('a pattern', () => {
  test('matches what the language’s own engine says it does', () => {
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        let expected: boolean
        try {
          expected = new RegExp(source, 'u').test(value)
        } catch {
          return // A name twice: no pattern.
        }
        expect(matches(source, value)).toBe(expected)
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['(a+)+$', `${'a'.repeat(40)}!`],
    ['(a|a)*b', 'a'.repeat(5_000)],
    ['a*a*a*a*a*c', 'a'.repeat(5_000)],
    ['(.*)*x', 'y'.repeat(5_000)],
  ])('%s costs steps by the length of the text, however it is written', (source, value) => {
    let steps = 0
    const isMatch = createPatternCompiler().compile(source)(value, (more) => {
      steps += more
    })
    expect(isMatch).toBe(false)
    expect(steps).toBeLessThan(60 * (value.length + 1))
  })

  test.each([
    ['(?=a)', /Of groups only/],
    ['(?<!a)b', /Of groups only/],
    ['(a)\\1', /References back/],
    ['(?<n>a)\\k<n>', /References back/],
    ['\\bword', /Word boundaries/],
    ['a{4001}', /repeats too much/],
    ['((a{60}){60}){60}', /repeats too much/],
    ['(){1000000000}', /repeats too much/],
    [`${'('.repeat(60)}${')'.repeat(60)}`, /More than 50 groups/],
    ['[a', /Not a regular expression \(flag u\): Unterminated/],
    ['\\-', /Not a regular expression \(flag u\): Invalid escape/],
  ])('%s is refused, and why is said', (source, reason) => {
    expect(() => createPatternCompiler().compile(source)).toThrow(PatternFault)
    expect(() => createPatternCompiler().compile(source)).toThrow(reason)
  })

  test('has to share its states with the other patterns of its schema', () => {
    const { compile } = createPatternCompiler()
    for (const letter of ['a', 'b', 'c', 'd']) compile(`${letter}{500}`)
    expect(() => compile('e{500}')).toThrow(PatternFault)
  })
})
