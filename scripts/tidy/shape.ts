import { type Finding, isTest, type Repository } from './repository.ts'

export interface ShapeRules {
  readonly functionLinesMax: number
  readonly fileLinesMax: number
  readonly testFileLinesMax: number
  readonly forbiddenNames: readonly string[]
}

/** Nothing is longer than a reader's patience. */
export function checkLengths({ sources }: Repository, rules: ShapeRules): Finding[] {
  return sources.flatMap(({ path, lines, functions }) => {
    const linesMax = isTest(path) ? rules.testFileLinesMax : rules.fileLinesMax
    const findings: Finding[] = []
    if (lines > linesMax) {
      findings.push({ path, rule: 'length', detail: `${lines} lines; the wall is ${linesMax}` })
    }
    if (isTest(path)) return findings
    for (const { name, line, lines: own, isNumbered } of functions) {
      if (own <= rules.functionLinesMax || isNumbered) continue
      const detail =
        `${name} has ${own} lines; the wall is ${rules.functionLinesMax}, unless comments number ` +
        'its steps from 1'
      findings.push({ path, line, rule: 'length', detail })
    }
    return findings
  })
}

/** A name says what is inside; these say nothing. */
export function checkNames({ paths }: Repository, { forbiddenNames }: ShapeRules): Finding[] {
  return paths.flatMap((path) => {
    const bad = path
      .split('/')
      .map((part) => part.replace(/\..*$/, '').toLowerCase())
      .find((part) => forbiddenNames.some((name) => part === name))
    return bad === undefined ? [] : [{ path, rule: 'names', detail: `"${bad}" says nothing` }]
  })
}
