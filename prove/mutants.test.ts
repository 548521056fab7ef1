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

test('each of the sixteen faults that a harness must find, M1 to M16, is planted', () => {
  const planted = mutants.map(({ name }) => name)
  const wanted = Array.from({ length: 16 }, (_, n) => `M${n + 1}`)
  expect(wanted.filter((name) => !planted.includes(name))).toEqual([])
})
