import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './json.ts'

test.each([
  '{"a":1,"a":1}',
  '[{"a":{"b":1,"c":2,"b":3}}]',
  '{"a":1,"\\u0061":2}',
  '{"__proto__":1,"__proto__":2}',
  '{"":1 , "" : 2}',
  '{"\\"":1,"\\"":2}',
])('%s is refused: a member is there twice', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError)
})

test('all else is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, undefined, space)
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
  )
  expect(parseJson('{"a":"\\":","b":[{"a":1},{"a":"x:"}]}')).toEqual({
    a: '":',
    b: [{ a: 1 }, { a: 'x:' }],
  })
  expect(() => parseJson('{"a":')).toThrow(SyntaxError)
})
