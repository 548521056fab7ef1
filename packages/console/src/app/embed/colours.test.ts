import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Colour, contrast, isReadable, makeReadable, mix, readableOn } from './colours.ts'

const part = fc.double({ min: 0, max: 1, noNaN: true })
const colour = fc.tuple(part, part, part) as fc.Arbitrary<Colour>

test('contrast is WCAG’s', () => {
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21)
  const grey: Colour = [0x76 / 255, 0x76 / 255, 0x76 / 255]
  expect(contrast(grey, [1, 1, 1])).toBeCloseTo(4.54, 2)
})

test('text on a button of any colour can be read', () => {
  fc.assert(fc.property(colour, (ground) => isReadable(readableOn(ground), [ground])))
})

test('any accent becomes readable on a page that is light or dark, and stays as it is where it was', () => {
  const light: Colour[] = [
    [1, 1, 1],
    [0.95, 0.95, 0.97],
  ]
  const dark: Colour[] = [
    [0.05, 0.06, 0.08],
    [0.1, 0.12, 0.15],
  ]
  fc.assert(
    fc.property(colour, fc.constantFrom(light, dark), (accent, grounds) => {
      const made = makeReadable(accent, grounds)
      if (isReadable(accent, grounds)) expect(made).toEqual(mix(accent, accent, 1))
      return isReadable(made, grounds)
    }),
  )
})
