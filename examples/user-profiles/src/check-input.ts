import type { TSchema } from 'typebox'
import type { Validator } from 'typebox/compile'
import { type Fault, Refusal } from './refusal.ts'

/**
 * Says everything that is wrong with an input, by field, in the words of `rules`.
 * @throws Refusal `input-invalid`
 */
export function checkInput(
  schema: Validator<Record<never, never>, TSchema>,
  rules: Readonly<Record<string, string>>,
  input: unknown,
): void {
  if (schema.Check(input)) return
  const faults = new Map<string, Fault>()
  for (const { keyword, instancePath, params } of schema.Errors(input)) {
    const at = instancePath.split('/')[1]
    const missing = keyword === 'required' ? params.requiredProperties : []
    for (const field of missing) faults.set(field, { field, detail: `Required. ${rules[field]}` })
    if (at === undefined) continue
    // Its own: a caller can name a field `constructor`.
    const rule = Object.hasOwn(rules, at) ? rules[at] : undefined
    const detail = rule ?? `Unknown; known are ${Object.keys(rules).join(', ')}.`
    faults.set(at, { field: at, detail })
  }
  const what = faults.size === 0 ? 'An object is expected.' : 'See the faults, by field.'
  throw new Refusal('input-invalid', `The input is not valid. ${what}`, [...faults.values()])
}
