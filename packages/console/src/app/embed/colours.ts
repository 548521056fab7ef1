/** Red, green and blue of sRGB, 0 to 1. */
export type Colour = readonly [number, number, number]

const black: Colour = [0, 0, 0]
const white: Colour = [1, 1, 1]

/** Relative luminance (WCAG 2.2). */
export function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as unknown as Colour // as many as went in
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast ratio (WCAG 2.2), 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** `share` of the one, 0 to 1, and the rest of the other. */
export const mix = (one: Colour, other: Colour, share: number): Colour => [
  one[0] * share + other[0] * (1 - share),
  one[1] * share + other[1] * (1 - share),
  one[2] * share + other[2] * (1 - share),
]

/** Whatever of black and white is read better on it: at least 4.5 to 1 on any colour. */
export const readableOn = (colour: Colour): Colour =>
  contrast(white, colour) >= contrast(black, colour) ? white : black

/** What WCAG AA wants of text. */
const readable = 4.5
export const isReadable = (text: Colour, on: readonly Colour[]): boolean =>
  on.every((ground) => contrast(text, ground) >= readable)

/** The colour, darker or lighter by as much as it takes to be read on these grounds. */
export function makeReadable(colour: Colour, on: readonly Colour[]): Colour {
  const [ground = white] = on
  const towards = readableOn(ground)
  for (let share = 1; share > 0; share -= 0.05) {
    const mixed = mix(colour, towards, share)
    if (isReadable(mixed, on)) return mixed
  }
  return towards
}

export const formatColour = (colour: Colour): string =>
  `rgb(${colour.map((part) => Math.round(part * 255)).join(' ')})`
