/**
 * Words of a string, for bare terms: runs of letters, digits and marks (Unicode L, N, M), any case.
 * As in Unicode word boundaries (UAX #29), some things that look alike but are one name stay whole,
 * which also keeps the index small: `.` between digits (`10.0.0.7`, `1.25`), `_` beside a digit
 * (`u_1842`, `x86_64`), and a UUID. Unlike there, `.` and `_` between letters part words, so that
 * `created` finds `customer.account.created`.
 *
 * The index and the recheck both stand on this one function: changing it needs a reindex.
 */

const other = 1
const word = 2
const digit = 3

const wordCharacter = /[\p{L}\p{N}\p{M}]/u
const beyondAscii = /[^\0-\x7f]/
/** Class of each UTF-16 code unit, filled as they are met. */
const classes = new Uint8Array(65_536)

/** Upper and lower case, composed and decomposed, final and other sigma are one. */
export function foldCase(text: string): string {
  if (!beyondAscii.test(text)) return text.toLowerCase()
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ')
}

/** Words of a text, in order, folded; repeated ones as often as they stand there. */
export const wordsOf = (text: string): string[] => splitWords(foldCase(text))

/** Words of an already folded text. */
export function splitWords(folded: string): string[] {
  const words: string[] = []
  const length = folded.length
  let start = -1
  for (let at = 0; at < length; at++) {
    if (classAt(folded, at) !== other) {
      if (start !== -1) continue
      start = at
      if (!isUuidAt(folded, at)) continue
      words.push(folded.slice(at, at + 36))
      start = -1
      at += 35
    } else if (start !== -1 && !isJoinerAt(folded, at)) {
      words.push(folded.slice(start, at))
      start = -1
    }
  }
  if (start !== -1) words.push(folded.slice(start))
  return words
}

/** Whether `wanted` stands in `words` in sequence; with `open`, its last may be a beginning. */
export function hasSequence(words: readonly string[], wanted: readonly string[], open: boolean) {
  const last = wanted.length - 1
  for (let start = 0; start + last < words.length; start++) {
    let at = 0
    while (at < last && words[start + at] === wanted[at]) at++
    if (at !== last) continue
    const [found, sought] = [words[start + last] ?? '', wanted[last] ?? '']
    if (open ? found.startsWith(sought) : found === sought) return true
  }
  return false
}

function classAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  const known = classes[unit] ?? 0
  return known === 0 ? classify(text, at, unit) : known
}

function classify(text: string, at: number, unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) {
    const point = text.codePointAt(unit < 0xdc00 ? at : at - 1) ?? 0
    return wordCharacter.test(String.fromCodePoint(point)) ? word : other
  }
  const isDigit = unit >= 48 && unit <= 57
  const found = isDigit ? digit : wordCharacter.test(String.fromCharCode(unit)) ? word : other
  classes[unit] = found
  return found
}

/** Called where a word would end: does the next character hold on to it? */
function isJoinerAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if ((unit !== 46 && unit !== 95) || at + 1 >= text.length) return false
  const [before, after] = [classAt(text, at - 1), classAt(text, at + 1)]
  if (unit === 46) return before === digit && after === digit
  return before !== other && after !== other && (before === digit || after === digit)
}

/** A whole UUID in lower case, which is one word. */
export const isUuid = (text: string): boolean => text.length === 36 && isUuidAt(text, 0)

function isUuidAt(text: string, start: number): boolean {
  if (start + 36 > text.length || text.charCodeAt(start + 8) !== 45) return false
  for (let offset = 0; offset < 36; offset++) {
    const unit = text.charCodeAt(start + offset)
    const isDash = offset === 8 || offset === 13 || offset === 18 || offset === 23
    const isHex = (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 102)
    if (isDash ? unit !== 45 : !isHex) return false
  }
  return start + 36 === text.length || classAt(text, start + 36) === other
}
