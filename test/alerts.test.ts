import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasPrometheus, runPromtool } from '@indelible/testkit'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

/** The alert rules as files; what they make of a real service's figures: dashboard.test.ts. */
const folder = join(import.meta.dirname, '../deploy/prometheus')
const runbook = readFileSync(join(import.meta.dirname, '../docs/how-to/runbook.md'), 'utf8')
const rulesFile = 'indelible.rules.yaml'
const tests = ['indelible.rules.test.yaml', 'indelible.rules.days.test.yaml']
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')

interface Rule {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
const { groups } = parse(read(rulesFile)) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
} // as `promtool check rules` has it
const rules = groups.flatMap((group) => group.rules)
const names = rules.map(({ alert }) => alert)

describe.skipIf(!hasPrometheus())('what Prometheus itself says of the rules', () => {
  test('rules and configuration are well-formed', async () => {
    const output = await runPromtool(['check', 'rules', '--lint-fatal', rulesFile], folder)
    expect(output).toContain(`SUCCESS: ${names.length} rules found`)
    // Not its secret's file, which is there only where it runs.
    await runPromtool(['check', 'config', '--syntax-only', 'prometheus.yml'], folder)
  })

  test('each alert fires where it should, and not just below', async () => {
    await runPromtool(['test', 'rules', ...tests], folder)
  }, 180_000)
})

test('each alert has a test in which it fires', () => {
  const text = tests.map(read).join('\n')
  const fired = [...text.matchAll(/alertname[=:]\s?"?(\w+)/g)].map((match) => match[1])
  expect(new Set(fired)).toEqual(new Set(names))
})

test('each alert says how grave it is, what is wrong, and where to read on', () => {
  for (const { alert, labels, annotations } of rules) {
    expect(['critical', 'warning'], alert).toContain(labels.severity)
    expect(annotations.summary, alert).toMatch(/^[A-Z].*[^.]$/)
    expect(annotations.description, alert).toMatch(/\.$/)
    expect(annotations.runbook, alert).toBe(`docs/how-to/runbook.md#${alert.toLowerCase()}`)
  }
})

test('each alert has its entry in the runbook, of its severity, and each entry its alert', () => {
  const entries = [...runbook.matchAll(/^### (Indelible\w+)\n\n\*(Critical|Warning)\.\*/gm)]
  expect(entries.map(([, name, severity]) => `${name}: ${severity?.toLowerCase()}`)).toEqual(
    rules.map(({ alert, labels }) => `${alert}: ${labels.severity}`),
  )
})
