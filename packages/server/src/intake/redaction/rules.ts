import { RedactionRule } from '@indelible/protocol/schema'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { compileGlob, compileStart, createNameTest } from './globs.ts'
import { findSecretName, keyRuleNames, normaliseName } from './keys.ts'
import { builtInPatterns, type Pattern } from './patterns.ts'
import { createMask, createTreatment, type SecretKey, type Treatment } from './treatment.ts'

/**
 * What is changed of the built-in rules: those of `remove` are left out; those of `add` come
 * first, so that an added rule can treat a built-in key name otherwise.
 * `key` is a member name without regard to case and punctuation, `*` any run;
 * `pattern` a glob (see `globs.ts`); `paths` are dotted, `*` one whole step: `data.*.ssn`.
 */
export const RedactionRules = Type.Object(
  {
    remove: Type.Optional(Type.Array(Type.String())),
    add: Type.Optional(Type.Array(RedactionRule)),
  },
  { additionalProperties: false },
)
export type RedactionRules = Static<typeof RedactionRules>

export const builtInRuleNames: readonly string[] = [
  ...new Set([...keyRuleNames, ...builtInPatterns.map(({ rule }) => rule)]),
]

/** Rules below one step of a path. */
export interface PathNode {
  readonly steps: Map<string, PathNode>
  treatment: Treatment | undefined
}

export interface CompiledRules {
  /** What to do with a member of this name. */
  readonly findKey: (name: string) => SecretKey | undefined
  readonly patterns: readonly (Pattern & { readonly treatment: Treatment })[]
  readonly paths: PathNode | undefined
}

const isRules = Compile(RedactionRules)
/** Without these an entry would be no entry; they are compared and indexed as they are. */
const untouchable = new Set(['action', 'id', 'outcome', 'tenant', 'time'])
const pathStarts = new Set(['source', 'actor', 'targets', 'context', 'changes', 'data'])

/** @throws Error naming the rule and what is wrong with it: a fault of the configuration. */
export function compileRules(rules: RedactionRules, hashSecret: string): CompiledRules {
  if (!isRules.Check(rules)) {
    const [error] = isRules.Errors(rules)
    throw new Error(`Redaction rules: ${error?.instancePath} ${error?.message}.`)
  }
  const removed = new Set(rules.remove)
  for (const name of removed) {
    if (!builtInRuleNames.includes(name)) throw new Error(`Redaction rules: no rule "${name}".`)
  }
  const isBuiltIn = (rule: string) => !removed.has(rule)
  const added = (rules.add ?? []).map((rule) => compileRule(rule, hashSecret))
  const keyRules = added.flatMap(({ keys }) => keys)
  return {
    findKey(name) {
      const own = keyRules.find(({ matches }) => matches(normaliseName(name)))
      if (own !== undefined) return { treatment: own.treatment, reach: 'all' }
      const builtIn = findSecretName(name)
      if (builtIn === undefined || !isBuiltIn(builtIn.rule)) return undefined
      return { treatment: createMask(builtIn.rule), reach: builtIn.reach }
    },
    patterns: [
      ...added.flatMap(({ patterns }) => patterns),
      ...builtInPatterns
        .filter(({ rule }) => isBuiltIn(rule))
        .map((pattern) => ({ ...pattern, treatment: createMask(pattern.rule) })),
    ],
    paths: mergePaths(added.flatMap(({ paths }) => paths)),
  }
}

/** @returns what is wrong with a rule, by member and in words; undefined: nothing */
export function findRuleFault(
  rule: RedactionRule,
): { readonly member: 'key' | 'pattern' | 'paths'; readonly detail: string } | undefined {
  const { name, action } = rule
  if (rule.key === undefined && rule.pattern === undefined && rule.paths === undefined) {
    return { member: 'key', detail: 'is missing: name a key, a pattern or paths' }
  }
  for (const member of ['key', 'pattern', 'paths'] as const) {
    try {
      compileRule({ name, action, [member]: rule[member] }, '')
    } catch (error) {
      // compileRule names the rule; what is wrong with it is the cause.
      const { cause } = error as Error
      return { member, detail: cause instanceof Error ? cause.message : 'is faulty' }
    }
  }
  return undefined
}

function compileRule(rule: RedactionRule, hashSecret: string) {
  const treatment = createTreatment(rule.name, rule.action, hashSecret)
  try {
    return {
      keys: rule.key === undefined ? [] : [{ matches: compileKey(rule.key), treatment }],
      patterns: rule.pattern === undefined ? [] : [compilePattern(rule, rule.pattern, treatment)],
      paths: (rule.paths ?? []).map((path) => ({ steps: readPath(path, rule.action), treatment })),
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : ''
    throw new Error(`Redaction rule "${rule.name}": ${detail}.`, { cause: error })
  }
}

function compileKey(key: string): (normalName: string) => boolean {
  const normal = normaliseName(key)
  if (normal === '') throw new Error('its key matches every name')
  const matches = createNameTest(key)
  for (const name of [...untouchable, 'actor', 'type']) {
    if (matches(name)) throw new Error(`its key would take ${name} from every event`)
  }
  return matches
}

function compilePattern(rule: RedactionRule, glob: string, treatment: Treatment) {
  const expression = compileGlob(glob)
  return {
    rule: rule.name,
    hint: compileStart(glob),
    expression,
    accept: (match: RegExpExecArray) => [match.index, match.index + match[0].length] as const,
    treatment,
  }
}

function readPath(path: string, action: RedactionRule['action']): string[] {
  const steps = path.split('.')
  const [start = ''] = steps
  if (!pathStarts.has(start)) {
    throw new Error(`path "${path}" must begin with one of ${[...pathStarts].join(', ')}`)
  }
  const isRequired = start === 'actor' || start === 'targets'
  const isShallow = steps.length <= (start === 'actor' ? 2 : 3)
  const last = steps.at(-1) ?? ''
  if (action === 'drop' && isRequired && isShallow && ['id', '*', 'actor'].includes(last)) {
    throw new Error(`path "${path}" would drop what every event needs; mask or hash it`)
  }
  return steps
}

function mergePaths(
  paths: readonly { readonly steps: string[]; readonly treatment: Treatment }[],
): PathNode | undefined {
  if (paths.length === 0) return undefined
  const root: PathNode = { steps: new Map(), treatment: undefined }
  for (const { steps, treatment } of paths) {
    let node = root
    for (const step of steps) {
      const next = node.steps.get(step) ?? { steps: new Map(), treatment: undefined }
      node.steps.set(step, next)
      node = next
    }
    node.treatment ??= treatment
  }
  return root
}
