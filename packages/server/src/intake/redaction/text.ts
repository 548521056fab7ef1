import { assignmentHint, findAssignments } from './assignments.ts'
import { awsSecretKey, type Found } from './patterns.ts'
import type { CompiledRules } from './rules.ts'
import type { SecretKey } from './treatment.ts'

const marker = /\[(?:redacted|hash):[\w:-]{1,64}\]/g
/** The shortest thing worth a look: `pwd=x`. */
const textCharsMin = 5

/** Exactly one of our own markers: what was redacted once stays as it is when it comes again. */
export function isMarker(text: string): boolean {
  return text.startsWith('[') && text.match(marker)?.[0] === text
}

/**
 * Takes secrets out of a text by how they look, and by the names they are given in it.
 *
 * @returns the same string where there is nothing to take out, which one expression tells.
 */
export function createTextRedactor(
  rules: CompiledRules,
  findKey: (name: string) => SecretKey | undefined,
): (text: string) => string {
  const hints = new RegExp([...rules.patterns.map(({ hint }) => hint), assignmentHint].join('|'))
  const find = (text: string) => findAll(text, rules, findKey)
  return (text) => {
    if (text.length < textCharsMin || !hints.test(text)) return text
    const found = find(text)
    return found.length === 0 ? text : replaceAll(text, found)
  }
}

function findAll(
  text: string,
  rules: CompiledRules,
  findKey: (name: string) => SecretKey | undefined,
): Found[] {
  const found = findAssignments(text, findKey)
  for (const { expression, accept, treatment, rule } of rules.patterns) {
    const before = found.length
    for (const match of text.matchAll(expression)) {
      const span = accept(match)
      if (span !== undefined) found.push({ start: span[0], end: span[1], treatment })
    }
    if (rule !== awsSecretKey.rule || found.length === before) continue
    for (const match of text.matchAll(awsSecretKey.expression)) {
      const span = awsSecretKey.accept(match)
      if (span !== undefined) found.push({ start: span[0], end: span[1], treatment })
    }
  }
  return found.length === 0 ? found : withoutMarkers(text, found)
}

function withoutMarkers(text: string, found: Found[]): Found[] {
  const markers = [...text.matchAll(marker)].map(({ 0: all, index }) => [index, index + all.length])
  if (markers.length === 0) return found
  return found.filter(
    ({ start, end }) => !markers.some(([from = 0, to = 0]) => start >= from && end <= to),
  )
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
