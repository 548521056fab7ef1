import type { RedactionRule } from '@indelible/protocol'

export type RuleKind = 'key' | 'pattern' | 'paths'
export const ruleKinds: readonly RuleKind[] = ['key', 'pattern', 'paths']

/** A rule while somebody writes it. */
export interface RuleDraft {
  readonly name: string
  readonly kinds: readonly RuleKind[]
  readonly key: string
  readonly pattern: string
  /** One a line. */
  readonly paths: string
  readonly action: RedactionRule['action']
}

/** The rules' own, as the service checks it: said before it is sent. */
export const ruleNamePattern = '[a-z][a-z0-9\\-]{0,40}'

export function toDraft(rule: RedactionRule | undefined): RuleDraft {
  const kinds = ruleKinds.filter((kind) => rule?.[kind] !== undefined)
  return {
    name: rule?.name ?? '',
    kinds: kinds.length === 0 ? ['key'] : kinds,
    key: rule?.key ?? '',
    pattern: rule?.pattern ?? '',
    paths: rule?.paths?.join('\n') ?? '',
    action: rule?.action ?? 'mask',
  }
}

/** What is sent: of what was typed, the kinds that are chosen. */
export function toRule({ name, kinds, key, pattern, paths, action }: RuleDraft): RedactionRule {
  const lines = paths
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return {
    name: name.trim(),
    ...(kinds.includes('key') ? { key: key.trim() } : {}),
    // A space at its end may be meant.
    ...(kinds.includes('pattern') ? { pattern } : {}),
    ...(kinds.includes('paths') ? { paths: lines } : {}),
    action,
  }
}

/** Whether there is enough of it to try; a rule without a name yet is tried under a stand-in. */
export function toTrial(draft: RuleDraft): RedactionRule | undefined {
  const rule = toRule(draft)
  const isFilled = draft.kinds.every((kind) => rule[kind] !== undefined && rule[kind].length > 0)
  if (!isFilled) return undefined
  const isNamed = new RegExp(`^${ruleNamePattern}$`).test(rule.name)
  return isNamed ? rule : { ...rule, name: 'new-rule' }
}
