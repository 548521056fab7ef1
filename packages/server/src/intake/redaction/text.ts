import { assignmentHint, findAssignments } from './assignments.ts'
import { type Spend, steps } from './effort.ts'
import { awsSecretKey, type Found, type Pattern, type Span } from './patterns.ts'
import type { CompiledRules } from './rules.ts'
import type { SecretKey } from './treatment.ts'

const markerHere = /\[(?:redacted|hash):[\w:-]{1,64}\]/y
const markerCharsMax = 80
/** A marker can bring a secret beside it to light; what is kept must stay when it comes again. */
const passesMax = 8

/** Exactly one of our own markers: what was redacted once stays as it is when it comes again. */
export function isMarker(text: string): boolean {
  markerHere.lastIndex = 0
  return markerHere.test(text) && markerHere.lastIndex === text.length
}

/**
 * Takes secrets out of a text by how they look, and by the names they are given in it.
 *
 * @returns the same string where there is nothing to take out, which one expression tells.
 */
export function createTextRedactor(
  rules: CompiledRules,
  findKey: (name: string) => SecretKey | undefined,
  spend: Spend,
): (text: string) => string {
  const hints = new RegExp([...rules.patterns.map(({ hint }) => hint), assignmentHint].join('|'))
  return (text) => {
    let redacted = text
    for (let pass = 0; pass < passesMax; pass++) {
      if (!hints.test(redacted)) break
      spend(steps.look)
      const found = findAll(redacted, { rules, findKey, spend })
      if (found.length === 0) break
      redacted = replaceAll(redacted, found)
    }
    return redacted
  }
}

interface Means {
  readonly rules: CompiledRules
  readonly findKey: (name: string) => SecretKey | undefined
  readonly spend: Spend
}

function findAll(text: string, { rules, findKey, spend }: Means): Found[] {
  const found = findAssignments(text, findKey, spend)
  for (const { treatment, ...pattern } of rules.patterns) {
    const spans = findSpans(text, pattern, spend)
    if (pattern.rule === awsSecretKey.rule && spans.length > 0) {
      spans.push(...findSpans(text, awsSecretKey, spend))
    }
    for (const [start, end] of spans) found.push({ start, end, treatment })
  }
  return found.filter((secret) => !isInMarker(text, secret))
}

/** Most texts have none, and `matchAll` makes a copy of the expression before it looks. */
function findSpans(
  text: string,
  { expression, accept }: Omit<Pattern, 'hint'>,
  spend: Spend,
): Span[] {
  const spans: Span[] = []
  if (text.search(expression) === -1) return spans
  for (const match of text.matchAll(expression)) {
    const span = accept(match)
    spend(span === undefined ? steps.look : steps.secret)
    if (span !== undefined) spans.push(span)
  }
  return spans
}

/** What a name brings up of a marker is no secret: `password=[redacted:password]`. */
function isInMarker(text: string, { start, end }: Found): boolean {
  const from = Math.max(0, start - markerCharsMax)
  const opening = text.slice(from, start + 1).lastIndexOf('[')
  if (opening === -1) return false
  markerHere.lastIndex = from + opening
  return markerHere.test(text) && end <= markerHere.lastIndex
}

/** Where two overlap both go, as the one that begins first. */
function replaceAll(text: string, found: readonly Found[]): string {
  const ordered = found.toSorted((a, b) => a.start - b.start || b.end - a.end)
  let replaced = ''
  let at = 0
  for (let first = 0; first < ordered.length; ) {
    const { start, end, treatment } = ordered[first] ?? { start: 0, end: 0, treatment: undefined }
    let last = end
    for (first++; first < ordered.length; first++) {
      const next = ordered[first]
      if (next === undefined || next.start >= last) break
      last = Math.max(last, next.end)
    }
    replaced += text.slice(at, start) + (treatment?.replace(text.slice(start, last)) ?? '')
    at = last
  }
  return replaced + text.slice(at)
}
