import {
  everyTenant,
  limits,
  type RedactionRule,
  type RedactionRuleInfo,
} from '@indelible/protocol'
import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createRepeats } from '../ledger/repeats.ts'
import { createSystemEvent } from '../ledger/system-event.ts'
import { attribute, type Caller, formatMaker } from './caller.ts'
import type { Act, Directory } from './directory.ts'
import { assertNoFaults, reaches, refuseUnknown } from './grants.ts'
import { assertScope } from './principal.ts'
import { put, remove } from './records.ts'
import { type Redact, redactRecord } from './redact-record.ts'
import { describeBuiltIn, describeFiles, describeOwn, type RuleChecks } from './redaction-list.ts'

export type RedactionAdmin = ReturnType<typeof createRedactionRules>

const formerId = 'former'
const ruleId = (name: string): string => `rule:${name}`
const offId = (name: string): string => `off:${name}`

/**
 * The rules of redaction as administrators see and change them. They hold for the instance, so
 * only for those who administer every tenant. Rules of the file are the file's owner's.
 */
export function createRedactionRules(options: {
  readonly directory: Directory
  readonly ledger: Pick<Ledger, 'administer'>
  readonly clock: Clock
  readonly checks: RuleChecks
  readonly redact?: Redact
  readonly reportFault: (error: unknown) => void
}) {
  const { directory, ledger, clock, checks, redact } = options
  const { file } = checks
  const fileNames = new Set(file.add.map(({ name }) => name))

  const find = (id: string) => directory.redaction().find((record) => record.id === id)
  const listOwn = () => directory.redaction().filter((record) => record.rule !== undefined)

  // A preview while one types is many; `_system` keeps the first, and the count of each minute.
  const previews = createRepeats<Caller>({
    onFault: options.reportFault,
    async keep(caller, { count }) {
      const record = { action: 'redaction.previewed', ...attribute(caller), data: { count } }
      await ledger.administer([], createSystemEvent(redactRecord(record, redact), clock()))
    },
  })

  /** What was in effect until now and is so no more. */
  const putFormer = (caller: Caller, rule: RedactionRule | undefined) => {
    const before = find(formerId)?.former ?? []
    const former = rule === undefined ? before : [...before, rule]
    return put('redaction', formerId, {
      ...{ id: formerId, ...stamp(caller) },
      former: keepLatest(former, checks.countSteps),
    })
  }
  const stamp = (caller: Caller) => ({ changed: clock(), changedBy: formatMaker(caller.principal) })

  const describe = (
    caller: Caller,
    event: {
      readonly action: string
      readonly name: string
      readonly data?: Act['record']['data']
    },
  ): Act['record'] => ({
    action: event.action,
    ...attribute(caller),
    targets: [{ type: 'redaction-rule', id: event.name }],
    ...(event.data === undefined ? {} : { data: event.data }),
  })

  function findOwnFault(rule: RedactionRule) {
    const fault = checks.findFault(rule)
    if (fault !== undefined) return fault
    const others = listOwn().filter((record) => record.rule?.name !== rule.name)
    const patterns = [rule, ...others.map((record) => record.rule)].map((one) => one?.pattern)
    const steps = patterns.reduce((sum, pattern) => sum + checks.countSteps(pattern ?? ''), 0)
    if (steps <= limits.redactionPatternStepsMax) return undefined
    const detail =
      'is too much to look for, along with the other patterns: use fewer or shorter ones, or fewer *'
    return { member: 'pattern' as const, detail }
  }

  /** @throws Refusal `request-invalid` by the member, below `pointer` */
  function assertSound(rule: RedactionRule, pointer: string): void {
    for (const member of ['key', 'pattern', 'paths'] as const) {
      const texts = [rule[member] ?? []].flat()
      if (!texts.some((text) => checks.looksSecret(text))) continue
      const detail = 'holds what looks like a secret, and rules are shown to others'
      assertNoFaults([{ pointer: `${pointer}/${member}`, detail }])
    }
    const fault = findOwnFault(rule)
    if (fault === undefined) return
    assertNoFaults([{ pointer: `${pointer}/${fault.member}`, detail: `${fault.detail}.` }])
  }

  function assertNotFiles(name: string): void {
    if (!fileNames.has(name)) return
    throw new Refusal('resource-conflict', {
      detail: `The rule "${name}" is in the service's redaction file, which alone can change it.`,
    })
  }

  return {
    /** Every rule: console's, file's, built-in ones. */
    list(caller: Caller): RedactionRuleInfo[] {
      assertGlobalAdmin(caller)
      return [
        ...listOwn().flatMap((record) => describeOwn(record, fileNames)),
        ...file.add.map(describeFiles),
        ...checks.builtIn.map((rule) => describeBuiltIn(rule, file.remove, find(offId(rule.name)))),
      ]
    },

    /**
     * Adds a rule, or replaces the one of its name.
     * @returns whether it is new
     * @throws Refusal `request-invalid` `resource-conflict` `scope-insufficient`
     */
    async put(caller: Caller, rule: RedactionRule): Promise<{ readonly isNew: boolean }> {
      assertGlobalAdmin(caller)
      assertNotFiles(rule.name)
      let isNew = false
      await directory.administer(() => {
        assertSound(rule, '')
        const before = find(ruleId(rule.name))?.rule
        isNew = before === undefined
        if (isNew && listOwn().length >= limits.redactionRulesMax) {
          throw new Refusal('resource-conflict', {
            detail: `There are ${limits.redactionRulesMax} rules already: remove one first.`,
          })
        }
        const record = { id: ruleId(rule.name), ...stamp(caller), rule }
        return {
          isExclusive: true,
          changes: [put('redaction', record.id, record), putFormer(caller, before)],
          record: describe(caller, {
            action: isNew ? 'redaction.added' : 'redaction.changed',
            name: rule.name,
            data: before === undefined ? { rule } : { before, after: rule },
          }),
        }
      })
      return { isNew }
    },

    /** @throws Refusal `resource-unknown` `resource-conflict` `scope-insufficient` */
    async remove(caller: Caller, name: string): Promise<void> {
      assertGlobalAdmin(caller)
      await directory.administer(() => {
        const rule = find(ruleId(name))?.rule
        // One that the file overrules can go.
        if (rule === undefined) {
          assertNotFiles(name)
          throw refuseUnknown('rule')
        }
        return {
          isExclusive: true,
          changes: [remove('redaction', ruleId(name), 'present'), putFormer(caller, rule)],
          record: describe(caller, { action: 'redaction.removed', name, data: { rule } }),
        }
      })
    },

    /**
     * Switches a built-in rule off, or on again.
     * @throws Refusal `resource-unknown` `resource-conflict` `scope-insufficient`
     */
    async switchBuiltIn(caller: Caller, name: string, enabled: boolean): Promise<void> {
      assertGlobalAdmin(caller)
      if (!checks.builtIn.some((rule) => rule.name === name)) throw refuseUnknown('built-in rule')
      if (file.remove.includes(name)) {
        throw new Refusal('resource-conflict', {
          detail: `The service's redaction file switches "${name}" off, and alone can change that.`,
        })
      }
      const id = offId(name)
      await directory.administer(() => ({
        isExclusive: true,
        changes: [
          enabled
            ? remove('redaction', id)
            : put('redaction', id, { id, ...stamp(caller), switchedOff: name }),
          putFormer(caller, undefined),
        ],
        record: describe(caller, {
          action: enabled ? 'redaction.enabled' : 'redaction.disabled',
          name,
        }),
      }))
    },

    /**
     * Resolves when it is on record that a preview was made; of what, is kept nowhere.
     * @throws Refusal `request-invalid` where the draft is faulty, `scope-insufficient`
     */
    async notePreview(caller: Caller, draft: RedactionRule | undefined): Promise<void> {
      assertGlobalAdmin(caller)
      if (draft !== undefined) {
        assertNotFiles(draft.name)
        assertSound(draft, '/rule')
      }
      await previews.note(formatMaker(caller.principal), caller)
    },

    /** When rules were last changed here; undefined: never. */
    changedAt: (): number | undefined => find(formerId)?.changed,
    /** What the intake is to go by. */
    ownRules: () => ({
      rules: listOwn().flatMap(({ rule }) => rule ?? []),
      switchedOff: directory.redaction().flatMap(({ switchedOff }) => switchedOff ?? []),
      former: find(formerId)?.former ?? [],
    }),
    [Symbol.asyncDispose]: previews[Symbol.asyncDispose],
  }
}

/**
 * Those of the latest that there is room for, oldest first; each only once. Their patterns may take
 * no more than those in effect: whoever appends can have them all looked for, by a repeat.
 */
function keepLatest(
  former: readonly RedactionRule[],
  countSteps: RuleChecks['countSteps'],
): RedactionRule[] {
  const texts = new Set(former.map((rule) => JSON.stringify(rule)).toReversed())
  let room = limits.redactionFormerCharsMax
  let steps = limits.redactionPatternStepsMax
  const kept = [...texts].flatMap((text): RedactionRule[] => {
    const rule: RedactionRule = JSON.parse(text)
    room -= text.length
    if (rule.pattern === undefined) return room < 0 ? [] : [rule]
    steps -= countSteps(rule.pattern)
    return room < 0 || steps < 0 ? [] : [rule]
  })
  return kept.toReversed()
}

/** Rules hold for the instance. @throws Refusal `scope-insufficient` */
function assertGlobalAdmin({ principal }: Caller): void {
  assertScope(principal, 'admin')
  if (reaches(principal, [everyTenant])) return
  throw new Refusal('scope-insufficient', {
    detail: 'Rules of redaction hold for every tenant: this needs "admin" for the tenant "*".',
  })
}
