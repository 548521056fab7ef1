import type { ViewerTheme } from '@indelible/protocol'
import {
  type Colour,
  formatColour,
  isReadable,
  luminance,
  makeReadable,
  mix,
  readableOn,
} from './colours.ts'

const root = document.documentElement

/** All that a theme may set, of the variables of ui/tokens.css. */
const themed = [
  ...['--accent', '--accent-text', '--accent-soft', '--bar', '--bg', '--surface', '--raised'],
  ...['--sunken', '--hover', '--line', '--line-strong', '--text', '--text-2', '--text-3'],
  ...['--radius', '--sans'],
]

/** Between black, 0, and white, 1, the luminance at which both are read equally well. */
const middle = 0.179

/**
 * Puts on what the host wants, as far as it is sound and can be read. Strangers may have written
 * it (a link is a link): no value reaches a style sheet but as a colour that was computed, a length
 * or a list of names.
 */
export function applyTheme({ scheme, values = {} }: ViewerTheme, systemIsDark: boolean): void {
  for (const name of themed) root.style.removeProperty(name)
  const wanted = { ...values }
  const background = readColour(wanted.background)
  const surface = readColour(wanted.surface) ?? background
  const wantsDark = scheme === 'dark' || (scheme !== 'light' && systemIsDark)
  // Our own colours of text are made for a light page and for a dark one: the ground decides.
  const isDark = surface === undefined ? wantsDark : luminance(surface) < middle
  root.dataset.theme = isDark ? 'dark' : 'light'
  if (surface !== undefined) applyGround(background ?? surface, surface)
  applyText(readColour(wanted.text))
  applyAccent(readColour(wanted.accent), isDark)
  const { radius, font } = wanted
  if (isLength(radius)) root.style.setProperty('--radius', `min(${radius}, 20px)`)
  if (isFont(font)) root.style.setProperty('--sans', font)
}

const set = (name: string, colour: Colour) => root.style.setProperty(name, formatColour(colour))
const current = (name: string): Colour =>
  readColour(getComputedStyle(root).getPropertyValue(name)) ?? [0, 0, 0]
const grounds = (): Colour[] => ['--bg', '--surface', '--hover'].map(current)

/** A ground on which our texts, those of faults included, could not be read is not taken. */
function applyGround(background: Colour, surface: Colour): void {
  const text = current('--text')
  const hover = mix(text, surface, 0.05)
  const texts = ['--text', '--text-2', '--good', '--bad', '--warn'].map(current)
  if (!texts.every((one) => isReadable(one, [background, surface]))) return
  set('--bg', background)
  for (const name of ['--surface', '--raised']) set(name, surface)
  set('--sunken', mix(text, background, 0.03))
  set('--hover', hover)
  set('--line', mix(text, surface, 0.12))
  set('--line-strong', mix(text, surface, 0.24))
  set('--text-3', makeReadable(current('--text-3'), grounds()))
}

function applyText(text: Colour | undefined): void {
  if (text === undefined || !isReadable(text, grounds())) return
  const [, surface = text] = grounds()
  set('--text', text)
  for (const name of ['--text-2', '--text-3']) {
    set(name, makeReadable(mix(text, surface, 0.75), grounds()))
  }
}

/** It is text on our grounds, and the ground of what stands on buttons. */
function applyAccent(accent: Colour | undefined, isDark: boolean): void {
  if (accent === undefined) return
  const [, surface = accent] = grounds()
  const soft = mix(accent, surface, isDark ? 0.2 : 0.1)
  const shown = makeReadable(accent, [surface, soft, ...grounds()])
  set('--accent', shown)
  set('--accent-text', readableOn(shown))
  set('--accent-soft', soft)
  set('--bar', mix(accent, surface, 0.55))
}

/** A colour without transparency, however CSS writes it; undefined for anything else. */
export function readColour(text: string | undefined): Colour | undefined {
  // What depends on where it stands, or could hold more than a colour, is none.
  if (text === undefined || !/^[#\w\s.,%()/+-]{1,80}$/.test(text)) return undefined
  if (/var|env|attr|url|current|transparent|system|inherit/i.test(text)) return undefined
  const mixed = `color-mix(in srgb, ${text}, ${text})`
  if (!CSS.supports('color', text) || !CSS.supports('color', mixed)) return undefined
  const probe = document.createElement('span')
  probe.style.color = mixed
  root.append(probe)
  const computed = getComputedStyle(probe).color
  probe.remove()
  // `color(srgb r g b)`, with `/ alpha` where it is transparent.
  const [, ...parts] = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)\)$/.exec(computed) ?? []
  const [red, green, blue] = parts.map((part) => Math.min(1, Math.max(0, Number(part))))
  return red === undefined || green === undefined || blue === undefined
    ? undefined
    : [red, green, blue]
}

const isLength = (text: string | undefined): text is string =>
  text !== undefined &&
  /^\d{1,3}(\.\d{1,3})?(px|rem|em)$/.test(text) &&
  CSS.supports('border-radius', text)

const isFont = (text: string | undefined): text is string =>
  text !== undefined &&
  /^[\p{L}\p{N} "',_-]{1,200}$/u.test(text) &&
  CSS.supports('font-family', text)
