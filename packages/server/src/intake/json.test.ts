import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { parseJson } from './json.ts'
import { parseStrictJson } from './strict-json.ts'

interface InvalidText {
  readonly name: string
  readonly text?: string
  readonly hex?: string
  readonly code: string
  readonly pointer?: string
}
const vectors: { readonly cases: readonly InvalidText[] } = JSON.parse(
  readFileSync(new URL('../../../../vectors/events/invalid-json.json', import.meta.url), 'utf8'),
)

const start = { line: 1, pointer: '' }
const bytesOf = (text: string) => new TextEncoder().encode(text)

function catchRefusal(parse: () => unknown): Refusal {
  try {
    parse()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a text that JSON can not carry faithfully is refused, where the fault is (J-02, J-03, J-05, J-06, J-07)', () => {
  it.each(vectors.cases)('$name', ({ text, hex, code, pointer }) => {
    const bytes = text === undefined ? Buffer.from(hex ?? '', 'hex') : bytesOf(text)
    const refusal = catchRefusal(() => parseJson(bytes))
    expect(refusal.code).toBe(code)
    expect(refusal.message).toMatch(/ at line \d+, column \d+\.$/)
    if (hex === undefined) expect(refusal.errors?.map((fault) => fault.pointer)).toEqual([pointer])
  })
})

describe('positions', () => {
  it('count lines and columns from 1', () => {
    const refusal = catchRefusal(() => parseJson(bytesOf('{\n  "a": 1,\r\n  "é": x\n}')))
    expect(refusal.message).toContain('at line 3, column 8')
  })

  it('name the first byte that is no UTF-8, past a replacement character that was sent', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"\ufffd",\n"b":"'), Buffer.from([0xff])])
    expect(catchRefusal(() => parseJson(bytes)).message).toContain('line 2, column 6')
  })
})

describe('what JSON can carry is kept', () => {
  it.each([
    ['1.0', '1'],
    ['-0', '0'],
    ['-0.0e5', '0'],
    ['0e-400', '0'],
    ['9007199254740991', '9007199254740991'],
    ['-9007199254740991', '-9007199254740991'],
    ['0.1000000000000000055', '0.1'],
    ['1E2', '100'],
    ['1e22', '1e+22'],
    ['1e308', '1e+308'],
    ['5e-324', '5e-324'],
    ['"\\ud83d\\ude00"', '"😀"'],
    ['"\\/\\b\\f\\n\\r\\t\\u001b"', '"/\\b\\f\\n\\r\\t\\u001b"'],
    ['"\\\\ud800 1234567890123456"', '"\\\\ud800 1234567890123456"'],
    [' [ ] ', '[]'],
    ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1}}'],
    ['{"a":[{"b":1},{"b":1}]}', '{"a":[{"b":1},{"b":1}]}'],
  ])('%s as %s', (text, kept) => {
    expect(JSON.stringify(parseJson(bytesOf(text)))).toBe(kept)
  })

  it('and a member called __proto__ touches no prototype (J-04)', () => {
    const parsed = parseJson(bytesOf('{ "__proto__": { "polluted": true } }'))
    expect(parsed).not.toHaveProperty('polluted')
    expect(Object.keys(parsed as object)).toEqual(['__proto__'])
  })

  it('every value, compact and pretty, like JSON.parse', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat({ max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        fc.pre(!text.includes('\\u0000') && !/\\ud[89a-f]/.test(text) && !hasUnsafe(value))
        const expected = JSON.parse(text)
        expect(parseJson(bytesOf(text))).toEqual(expected)
        expect(parseStrictJson(text, start)).toEqual(expected)
      }),
    )
  })
})

describe('the fast path and the strict scanner', () => {
  const token = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"a"', '"b"', '"\\u0061"', '"\\ud800"', '"\\udc00x"', '1'],
    ...['-', '0', '.5', 'e3', '1e400', '9007199254740993', '1e+21', 'true', 'null', ' ', '\n', '"'],
    ...['"__proto__"', '\\', '\u2028', '12345678901234567000', '-0', '[1,2]', '{"a":1,"a":2}'],
  )

  it('say the same of any sequence of tokens, and never accept what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const text = tokens.join('')
        const fast = outcomeOf(() => parseJson(bytesOf(text)))
        expect(fast).toEqual(outcomeOf(() => parseStrictJson(text, start)))
        if (fast.code === undefined) expect(JSON.stringify(JSON.parse(text))).toBe(fast.kept)
      }),
      { numRuns: 3_000 },
    )
  })

  it('say the same of strings with any mix of surrogates (J-05)', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0xd7ff, max: 0xe000 }),
      fc.integer({ max: 0x7f, min: 0 }),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
        const text = JSON.stringify(String.fromCharCode(...units))
        const isFaithful = String.fromCharCode(...units).isWellFormed() && !units.includes(0)
        const { code } = outcomeOf(() => parseJson(bytesOf(text)))
        expect(code).toBe(isFaithful ? undefined : 'json-malformed')
      }),
    )
  })
})

describe('depth', () => {
  it.each([100, 1_000, 5_000, 100_000, 1_000_000])('of %i levels is a refusal (J-01)', (levels) => {
    for (const text of [
      '['.repeat(levels),
      '['.repeat(levels) + ']'.repeat(levels),
      '{"a":'.repeat(levels),
      `[1,${'{"a": ['.repeat(levels)}`,
    ]) {
      expect(['json-malformed', 'event-invalid']).toContain(
        catchRefusal(() => parseStrictJson(text, start)).code,
      )
      const { code } = outcomeOf(() => parseJson(bytesOf(text)))
      // What is whole, compact and short may parse; the validator then refuses it by its pointer.
      const mayParse = text.endsWith(']') && levels < 100_000
      expect(mayParse ? (code ?? 'event-invalid') : code).toBe('event-invalid')
    }
  })

  it.each([
    ['items', `{"a":[${'0,'.repeat(200_000)}0]}`, '/a'],
    ['members', `{${Array.from({ length: 200_000 }, (_, at) => `"m${at}":0`).join()}}`, ''],
  ])('and breadth are bounded alike: too many %s', (_name, text, pointer) => {
    for (const parse of [() => parseJson(bytesOf(text)), () => parseStrictJson(text, start)]) {
      const refusal = catchRefusal(parse)
      expect(refusal.code).toBe('event-invalid')
      expect(refusal.errors?.map((fault) => fault.pointer)).toEqual([pointer])
    }
  })

  it('is counted outside strings only', () => {
    const text = JSON.stringify({ a: `\\"${'['.repeat(70_000)}` })
    expect(parseJson(bytesOf(text))).toEqual(JSON.parse(text))
  })
})

function outcomeOf(parse: () => unknown): { kept?: string; code?: string } {
  try {
    return { kept: JSON.stringify(parse()) }
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code }
    throw error
  }
}

function hasUnsafe(value: unknown): boolean {
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
  }
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnsafe)
}
