import { createMeter } from './redaction/effort.ts'
import { createNames, type KnownName } from './redaction/names.ts'
import { createOperandFinder } from './redaction/operands.ts'
import { compileRules, type RedactionRules } from './redaction/rules.ts'
import { createTextRedactor } from './redaction/text.ts'
import { SecretWalk } from './redaction/walk.ts'
import type { StepBudget } from './step-budget.ts'

/** Takes secrets out of events before anything is stored, hashed or written to diagnostics. */
export interface Redactor {
  /**
   * @returns the value itself where nothing had to be taken out, else a copy that shares what
   *   stayed the same. Never changes its argument; redacting twice changes nothing more.
   * @param budget what it may cost, and what of that is left; undefined: whatever it takes
   * @throws TooManySecrets beyond it
   */
  redact<T>(value: T, budget?: StepBudget): T
}

export interface RedactorOptions {
  /** What differs from the built-in rules; see `RedactionRules`. */
  readonly rules?: RedactionRules
  /** Key of the `hash` action: equal secrets stay recognisable, guesses can't be tested. */
  readonly hashSecret: string
}

/** @throws Error if the rules are faulty: a fault of the configuration, named. */
export function createRedactor(options: RedactorOptions): Redactor {
  const rules = compileRules(options.rules ?? {}, options.hashSecret)
  const { spend, run } = createMeter()
  // Each needs the other: names are texts that may hold a secret, and texts hold names.
  const redactText = createTextRedactor(rules, (name) => know(name).secret, spend)
  const know: (name: string) => KnownName = createNames(rules.findKey, redactText, spend)
  const walk = new SecretWalk(know, redactText, createOperandFinder(know, rules.paths), spend)
  const paths = rules.paths === undefined ? undefined : [rules.paths]
  // Same shape, other texts: what the caller's type promises of members still holds, except
  // where a configured rule drops or masks them.
  const redact = <T>(value: T) => walk.redactValue(value, undefined, paths) as T
  return {
    redact: (value, budget) =>
      budget === undefined ? redact(value) : run(budget, () => redact(value)),
  }
}
