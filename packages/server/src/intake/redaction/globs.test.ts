import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob, compileStart, countSteps } from './globs.ts'

/** Few characters, so that patterns and texts meet. */
const pattern = fc
  .array(fc.constantFrom('a', 'b', '1', '-', '.', '@', '#', '?', '*', '\\*'), { maxLength: 12 })
  .map((tokens) => tokens.join(''))
  .filter(isAccepted)
const text = fc
  .array(fc.constantFrom('a', 'ab', 'b', '1', '-', '.', '@', '*', 'aaaa.', 'é'), { maxLength: 60 })
  .map((pieces) => pieces.join(''))

test('a pattern never goes back in a text: reading on, once, finds the same', () => {
  fc.assert(
    fc.property(pattern, text, (glob, searched) => {
      const found = Array.from(searched.matchAll(compileGlob(glob)), (match) => [
        match.index,
        match[0].length,
      ])
      expect(found).toEqual(readOn(glob, searched).found)
    }),
    { numRuns: 2_000 },
  )
})

test('a pattern takes no more steps for each character of a text than is counted for it (I-15)', () => {
  fc.assert(
    fc.property(pattern, text, (glob, searched) => {
      // Every place is looked at, if only for the start to be not there.
      const start = compileStart(glob).length + 1
      const bound = (countSteps(glob) + start) * searched.length + 64 * 12
      expect(readOn(glob, searched).steps).toBeLessThanOrEqual(bound)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['CASE-*', 14],
  ['EMP-####', 2],
  ['a*.a*.', 132],
  ['aaa*', 67],
  ['?*@corp.example', 78],
])('%s is counted as %i steps', (glob, steps) => {
  expect(countSteps(glob)).toBe(steps)
})

test('what stands before the first run of a pattern is in every text it finds something in', () => {
  fc.assert(
    fc.property(pattern, text, (glob, searched) => {
      if (!compileGlob(glob).test(searched)) return
      expect(searched).toMatch(new RegExp(compileStart(glob)))
    }),
  )
})

function isAccepted(glob: string): boolean {
  try {
    return compileGlob(glob) !== undefined
  } catch {
    return false
  }
}

/** The naive reference: each token takes what it can, and nothing is ever given back. */
function readOn(glob: string, searched: string) {
  const tokens = glob.match(/\\[\s\S]|[\s\S]/gu) ?? []
  const found: number[][] = []
  let steps = 0
  for (let start = 0; start < searched.length; ) {
    let at: number | undefined = start
    for (const token of tokens) {
      const from: number = at
      const room = token === '*' ? 64 : 1
      const is =
        token === '*' ? /[\w-]/ : token === '#' ? /\d/ : token === '?' ? /[A-Za-z0-9]/ : undefined
      const takes = (char: string) =>
        is === undefined ? char === token.replace(/^\\(?=.)/, '') : is.test(char)
      while (at - from < room && at < searched.length && takes(searched.charAt(at))) at++
      steps += Math.max(1, at - from)
      if (token !== '*' && at === from) {
        at = undefined
        break
      }
    }
    if (at !== undefined) found.push([start, at - start])
    start = at ?? start + 1
  }
  return { found, steps }
}
