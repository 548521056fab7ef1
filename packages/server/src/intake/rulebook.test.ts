import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRulebook } from './rulebook.ts'

const action = fc.constantFrom('mask' as const, 'hash' as const, 'drop' as const)
const rule = fc.oneof(
  fc.record({ name: fc.constant('case'), pattern: fc.constantFrom('CASE-*', 'no ##'), action }),
  fc.record({ name: fc.constant('member'), key: fc.constantFrom('ssn', 'note', 'pass*'), action }),
  fc.record({
    name: fc.constant('place'),
    paths: fc
      .constantFrom(['data.note'], ['data.*.ssn', 'data.list'], ['context.ip', 'data.n'])
      .map((paths) => [...paths]),
    action,
  }),
)
const rules = fc.uniqueArray(rule, { selector: ({ name }) => name, maxLength: 3 })
const text = fc.constantFrom(
  ...['x', 'see CASE-7', 'CASE-7', 'no 34', 'CASE-12 and no 34', 'CASE-1 CASE-2'],
  ...['password=hunter22', ''],
)
const leaf = fc.oneof(text, fc.integer({ min: 0, max: 9 }), fc.boolean(), fc.constant(null))
const member = fc.constantFrom('note', 'ssn', 'password', 'list', 'n', 'other')
const event = fc.record({
  actor: fc.record({ id: text, name: text }),
  context: fc.dictionary(fc.constantFrom('ip', 'ssn', 'other'), leaf, { noNullPrototype: true }),
  data: fc.dictionary(
    member,
    fc.oneof(
      leaf,
      fc.array(leaf, { maxLength: 2 }),
      fc.dictionary(member, leaf, { noNullPrototype: true }),
    ),
    { noNullPrototype: true },
  ),
})

describe('an event', () => {
  test('is the same under any two sets of rules, once what either takes is taken out', () => {
    fc.assert(
      fc.property(event, rules, rules, (sent, before, now) => {
        const rulebook = createRulebook({ hashSecret: 'test' })
        rulebook.use({ rules: before, switchedOff: [], former: [] })
        const kept = rulebook.redact(sent)
        rulebook.use({ rules: now, switchedOff: [], former: before })
        expect(rulebook.strip(kept)).toEqual(rulebook.strip(rulebook.redact(sent)))
      }),
      { numRuns: 1_000 },
    )
  })
})

test('a change that is faulty leaves the former rules in effect', () => {
  const rulebook = createRulebook({ hashSecret: 'test' })
  const sound = { name: 'case', pattern: 'CASE-*', action: 'mask' } as const
  rulebook.use({ rules: [sound], switchedOff: [], former: [] })
  const faulty = { name: 'all', key: 'action', action: 'drop' } as const
  const use = () => rulebook.use({ rules: [sound, faulty], switchedOff: [], former: [] })
  expect(use).toThrow('would take action')
  expect(rulebook.redact('CASE-1')).toBe('[redacted:case]')
})

test('a preview tells nothing of what was hashed: its hashes are others, with a draft and without', () => {
  const rulebook = createRulebook({ hashSecret: 'test' })
  const rule = { name: 'case', pattern: 'CASE-*', action: 'hash' } as const
  rulebook.use({ rules: [rule], switchedOff: [], former: [] })
  const kept = rulebook.redact('CASE-1')
  for (const draft of [undefined, rule]) {
    const shown = rulebook.preview(draft).redact('CASE-1')
    expect(shown).toMatch(/^\[hash:case:[0-9a-f]{16}\]$/)
    expect(shown).not.toBe(kept)
  }
})

test('every built-in rule says in words what it looks for', () => {
  const { builtIn } = createRulebook({ hashSecret: 'test' })
  expect(builtIn.length).toBeGreaterThan(10)
  for (const { name, description } of builtIn) expect(description, name).not.toBe('')
})
