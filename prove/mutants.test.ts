import { expect, test } from 'vitest'
import { assertFits } from './harness/planting.ts'
import { mutants, stages } from './stages.ts'

test.each(mutants)('the edits of $name fit the sources as they are', ({ edits }) => {
  expect(edits).not.toEqual([])
  for (const edit of edits) assertFits(edit)
})

test('every mutant has a name of its own, and a stage that claims to find it', () => {
  const names = [...stages, ...mutants].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const claimed = mutants.map(({ foundBy }) => foundBy)
  const known = stages.map(({ name }) => name)
  expect(claimed.filter((name) => !known.includes(name))).toEqual([])
})
