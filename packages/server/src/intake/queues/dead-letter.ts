import { limits } from '@indelible/protocol'
import type { DeadLetter } from './source.ts'

/** Headers of a dead letter, the same at every broker; all of them are text. */
export function describeDeadLetter(letter: DeadLetter, queue: string): Record<string, string> {
  const { code, status, detail, errors } = letter.problem
  return {
    'x-indelible-code': code,
    'x-indelible-status': String(status),
    'x-indelible-detail': toHeaderText(detail),
    ...(errors === undefined ? {} : { 'x-indelible-errors': formatErrors(errors) }),
    'x-indelible-first-seen': letter.firstSeen,
    'x-indelible-queue': queue,
  }
}

/** A JSON array `[{ pointer, detail }]`, of as many as there is room for. */
function formatErrors(errors: readonly object[]): string {
  const kept: string[] = []
  let chars = 2
  for (const error of errors) {
    const text = toHeaderText(JSON.stringify(error))
    chars += text.length + 1
    if (chars > limits.deadLetterErrorsCharsMax) break
    kept.push(text)
  }
  return `[${kept.join(',')}]`
}

/**
 * Printable ASCII: headers of NATS are lines. Anything else becomes a `\u` escape, which within
 * JSON means the same.
 */
function toHeaderText(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
