import { type Spend, steps } from './effort.ts'
import type { Found } from './patterns.ts'
import { longStringChars, type SecretKey } from './treatment.ts'

/**
 * Names with their values inside a string: query strings and environments (`token=x`), JSON and
 * YAML in strings (`"password":"x"`, `password: x` alone on its line), command lines
 * (`--password x`). The name decides, as it does for a member.
 */

/** What a text must contain to be worth looking at. */
export const assignmentHint = '=|": ?[\\\\"\\d-]|: |--[a-z]'

const expressions: readonly RegExp[] = [
  /(?<![\w.-])([A-Za-z][\w.-]{1,63})(?:\[\d*\])?=("[^"\n]*"|'[^'\n]*'|[^\s&;,"'<>)}\]]+)/g,
  /"([^"\\\n]{2,64})" ?: ?("(?:[^"\\]|\\[\s\S])*|-?\d+)/g,
  /\\"([^"\\\n]{2,64})\\" ?: ?(\\"(?:[^"\\]|\\[^"])*|-?\d+)/g,
  /^[ \t-]{0,16}["']?([\w.-]{2,64})["']?:[ \t]+("[^"\n]*"|'[^'\n]*'|[^\s{[]\S*)[ \t\r]*$/gm,
  /(?<![\w-])--([A-Za-z][\w-]{1,63})[ =]("[^"\n]*"|'[^'\n]*'|[^\s-][^\s]*)/g,
]
const harmless = /^(?:true|false|null|none|nil|undefined|\*+|<.*|\$\{?\w+\}?|%s|\{\{.*)$/i

/** Where `text` holds the value of a secret name. */
export function findAssignments(
  text: string,
  findKey: (name: string) => SecretKey | undefined,
  spend: Spend,
): Found[] {
  const found: Found[] = []
  for (const expression of expressions) {
    // As in `findSpans`.
    if (text.search(expression) === -1) continue
    for (const match of text.matchAll(expression)) {
      const [all, name = '', quoted = ''] = match
      const secret = findKey(name)
      if (secret === undefined) continue
      spend(steps.secret)
      const opening = /^\\?["']/.exec(quoted)?.[0].length ?? 0
      const value = quoted.slice(opening).replace(/["']$/, '')
      if (value === '' || harmless.test(value)) continue
      if (secret.reach === 'long-strings' && value.length < longStringChars) continue
      const start = match.index + all.lastIndexOf(quoted) + opening
      found.push({ start, end: start + value.length, treatment: secret.treatment })
    }
  }
  return found
}
