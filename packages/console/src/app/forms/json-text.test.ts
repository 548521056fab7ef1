import { expect, test } from 'vitest'
import { findPlace, formatJson, placeOf, readJson } from './json-text.ts'

test('JSON is read as it is, with the place of each part', () => {
  const text = '{\n  "a": [1, {"b/c": -2.5e3}],\n  "é": "x\\u00e9"\n}'
  const read = readJson(text)
  expect(read.value).toEqual({ a: [1, { 'b/c': -2500 }], é: 'xé' })
  const placed = (pointer: string) => placeOf(text, findPlace(read, pointer))
  expect(placed('')).toEqual({ line: 1, column: 1 })
  expect(placed('/a/1')).toEqual({ line: 2, column: 12 })
  expect(placed('/a/1/b~1c')).toEqual({ line: 2, column: 13 })
  expect(placed('/é')).toEqual({ line: 3, column: 3 })
  expect(placed('/a/1/gone/deep')).toEqual({ line: 2, column: 12 })
})

test.each([
  ['', 1, 1, 'It ends too early.'],
  ['{\n  "a": 1,\n}', 3, 1, 'Nothing follows this comma but }.'],
  ["{ 'a': 1 }", 1, 3, 'A name in double quotes belongs here.'],
  ["[ 'a' ]", 1, 3, 'Texts and names stand in double quotes.'],
  ['{ "a" 1 }', 1, 7, 'A colon belongs here.'],
  ['{ "a": 1 "b": 2 }', 1, 10, 'A comma or } belongs here.'],
  ['[1, 2', 1, 6, 'A comma or ] belongs here.'],
  ['{ "a": 1, "a": 2 }', 1, 11, '“a” stands here for the second time.'],
  ['{} {}', 1, 4, 'Nothing belongs behind the end.'],
  ['[01]', 1, 2, 'A value belongs here: { } [ ] "…", a number, true, false or null.'],
  ['["a\nb"]', 1, 2, 'This text in quotes has no end, or a bad escape.'],
  ['[tru]', 1, 2, 'A value belongs here: { } [ ] "…", a number, true, false or null.'],
])('%j stops being JSON at line %d, column %d', (text, line, column, detail) => {
  const { value, fault } = readJson(text)
  expect(value).toBeUndefined()
  expect(fault?.detail).toBe(detail)
  expect(placeOf(text, fault?.at ?? -1)).toEqual({ line, column })
})

test('JSON is written on one line where it is short, and means the same', () => {
  const value = { a: [1, null], b: { c: 'x'.repeat(40), d: [] }, e: {}, 'f"': [[{}]] }
  const text = formatJson(value)
  expect(text).toBe(
    `{\n  "a": [1, null],\n  "b": { "c": "${'x'.repeat(40)}", "d": [] },\n  "e": {},\n  "f\\"": [[{}]]\n}`,
  )
  expect(JSON.parse(text)).toEqual(value)
})
