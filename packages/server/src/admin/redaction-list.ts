import type { RedactionRule, RedactionRuleInfo, RedactionRuleRequest } from '@indelible/protocol'
import { formatTime } from '../base/clock.ts'
import type { RedactionRecord } from './records.ts'

/** What the intake knows of rules. */
export interface RuleChecks {
  readonly builtIn: readonly { readonly name: string; readonly description: string }[]
  readonly file: { readonly add: readonly RedactionRule[]; readonly remove: readonly string[] }
  findFault(
    rule: RedactionRule,
  ): { readonly member: keyof RedactionRuleRequest; readonly detail: string } | undefined
  countSteps(pattern: string): number
  looksSecret(text: string): boolean
}

export function describeFiles(rule: RedactionRule): RedactionRuleInfo {
  return { ...rule, origin: 'file', state: 'on', changed: null, changedBy: null }
}

export function describeOwn(
  { rule, changed, changedBy }: RedactionRecord,
  fileNames: ReadonlySet<string>,
): RedactionRuleInfo[] {
  if (rule === undefined) return []
  const state = fileNames.has(rule.name) ? 'overruled' : 'on'
  return [{ ...rule, origin: 'console', state, changed: formatTime(changed), changedBy }]
}

export function describeBuiltIn(
  { name, description }: RuleChecks['builtIn'][number],
  removed: readonly string[],
  off: RedactionRecord | undefined,
): RedactionRuleInfo {
  const byFile = removed.includes(name)
  const state = byFile || off !== undefined ? ('off' as const) : ('on' as const)
  return {
    ...{ name, origin: 'built-in', description, action: 'mask', state },
    ...(state === 'off'
      ? { switchedOffBy: byFile ? ('file' as const) : ('console' as const) }
      : {}),
    changed: off === undefined ? null : formatTime(off.changed),
    changedBy: off?.changedBy ?? null,
  }
}
