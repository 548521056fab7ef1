import { expect, test } from 'vitest'
import { assertFits } from '../harness/planting.ts'
import { failpointEdits, failpoints } from './failpoints.ts'

test('every failpoint has a name of its own and stands in the sources as they are', () => {
  expect(new Set(failpoints.map(({ name }) => name)).size).toBe(failpoints.length)
  for (const edit of failpointEdits) assertFits(edit)
})
