import { isDeepStrictEqual } from 'node:util'
import type { RedactionRule } from '@indelible/protocol'
import { createRedactor, type Redactor } from './redact.ts'
import { type BuiltInRule, builtInRules } from './redaction/built-in.ts'
import { countSteps } from './redaction/globs.ts'
import { findRuleFault, type RedactionRules } from './redaction/rules.ts'

/** The rules that administrators made, beside those of the file. */
export interface OwnRules {
  readonly rules: readonly RedactionRule[]
  /** Built-in rules that are switched off. */
  readonly switchedOff: readonly string[]
  /** Rules that were in effect once, for knowing again what was kept under them. */
  readonly former: readonly RedactionRule[]
}

/** The rules in effect, which change while the service runs; whoever redacts goes by the latest. */
export interface Rulebook extends Redactor {
  readonly builtIn: readonly BuiltInRule[]
  readonly file: Required<RedactionRules>
  /** What is in effect from now on. @throws Error if a rule is faulty; the former stay in effect */
  use(own: OwnRules): void
  /** Redacts as if `draft` were in effect too, in place of the rule of its name; hashes differ. */
  preview(draft: RedactionRule | undefined): Redactor
  /** Takes out of a value whatever any rule takes or took, so that two can be compared without it. */
  readonly strip: <T>(value: T) => T
  readonly findFault: typeof findRuleFault
  readonly countSteps: (pattern: string) => number
  /** Whether a text holds what the built-in rules take, whatever is switched off. */
  looksSecret(text: string): boolean
}

const none: OwnRules = { rules: [], switchedOff: [], former: [] }
/** Marks hold no character that JSON escapes. */
const marks = /\[(?:redacted|hash):[\w:-]{1,64}\]/g

/** @throws Error if a rule of the file is faulty: a fault of the configuration, named */
export function createRulebook(options: {
  readonly file?: RedactionRules | undefined
  readonly hashSecret: string
}): Rulebook {
  const { hashSecret } = options
  const file = { add: options.file?.add ?? [], remove: options.file?.remove ?? [] }
  const builtInAlone = createRedactor({ hashSecret })
  // As it came: what else stands in it is a fault, and is named.
  let current = createRedactor({ rules: options.file ?? {}, hashSecret })
  let own = none
  let stripping: Redactor | undefined

  const compile = ({ rules, switchedOff }: OwnRules, secret = hashSecret): Redactor => {
    const fileNames = new Set(file.add.map(({ name }) => name))
    const add = [...file.add, ...rules.filter(({ name }) => !fileNames.has(name))]
    const remove = [...file.remove, ...switchedOff]
    return createRedactor({ rules: { add, remove }, hashSecret: secret })
  }
  /** Every rule there is or was takes as much as it may; compiled only once it is needed. */
  const compileStripping = (): Redactor => {
    const add = [...file.add, ...own.rules, ...own.former].flatMap(takeWhole)
    return createRedactor({ rules: { add, remove: file.remove }, hashSecret })
  }

  return {
    builtIn: builtInRules,
    file,
    redact: (value, budget) => current.redact(value, budget),
    use(next) {
      if (isDeepStrictEqual(next, own)) return
      current = compile(next)
      own = next
      stripping = undefined
    },
    preview(draft) {
      const others = own.rules.filter(({ name }) => name !== draft?.name)
      const rules = draft === undefined ? others : [...others, draft]
      // Nothing of a preview is kept: by the same secret, guesses at what was hashed could be tried.
      return compile({ ...own, rules }, `${hashSecret} of previews`)
    },
    strip<T>(value: T): T {
      stripping ??= compileStripping()
      // A text that was taken whole is empty, whether a mark stood for it or nothing did.
      const text = JSON.stringify(stripping.redact(value))
      return JSON.parse(text.replace(marks, '')) as T // the same members, but for what was taken
    },
    findFault: findRuleFault,
    countSteps,
    looksSecret: (text) => builtInAlone.redact(text) !== text,
  }
}

/**
 * What a rule looks for, each by itself, with its find removed where an event can do without it,
 * else masked.
 */
function takeWhole({ name, key, pattern, paths = [] }: RedactionRule): RedactionRule[] {
  const finds: Omit<RedactionRule, 'action'>[] = paths.map((path) => ({ name, paths: [path] }))
  if (key !== undefined) finds.push({ name, key })
  if (pattern !== undefined) finds.push({ name, pattern })
  return finds.map((find) => {
    const dropping = { ...find, action: 'drop' as const }
    return findRuleFault(dropping) === undefined ? dropping : { ...find, action: 'mask' }
  })
}
