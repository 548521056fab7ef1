import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible, visibleJson } from './visible-text.ts'

test('nothing that a terminal acts on reaches it (I-08)', () => {
  expect(visible('\u001b[2Jgone')).toBe('\\u001b[2Jgone')
  expect(visible('\u001b]52;c;cm0gLXJm\u0007')).toBe('\\u001b]52;c;cm0gLXJm\\u0007')
  expect(visible('\u001b]8;;http://evil\u001b\\x')).toBe('\\u001b]8;;http://evil\\u001b\\x')
  expect(visible('one\r\ntwo\tthree')).toBe('one\\r\\ntwo\\tthree')
  expect(visible('\u009b31mred')).toBe('\\u009b31mred')
})

test('text that would show in another order or not at all is shown as what it is', () => {
  expect(visible('user\u202egnp.exe')).toBe('user\\u202egnp.exe')
  expect(visible('ad\u200bmin')).toBe('ad\\u200bmin')
  expect(visible('\u{e0041}')).toBe('\\udb40\\udc41')
  expect(visible('\ud800')).toBe('\\ud800')
})

test('people’s names stay readable', () => {
  expect(visible('Zoë 张伟 😀 İğdır')).toBe('Zoë 张伟 😀 İğdır')
})

test('any text becomes one line without controls', () => {
  const units = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((codes) => String.fromCharCode(...codes))
  fc.assert(
    fc.property(units, (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('JSON for programs means the same after its characters were made harmless (I-08)', () => {
  const value = { name: 'a\u001b\u202e\u009b\u{e0041}\ufeff', list: [1, null, '\u2028'] }
  const text = visibleJson(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(text).not.toMatch(/[^\x20-\x7e]/)
})
