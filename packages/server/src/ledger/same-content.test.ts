import { expect, test } from 'vitest'
import { hasSameContent } from './same-content.ts'

const parts = (context: object) => ({ core: '{}', actor: '{}', context: JSON.stringify(context) })
const admitted = (context: object) => ({
  ...{ tenant: 't', id: 'e', idStamped: false, timeStamped: false, bytes: 1 },
  parts: parts(context),
})

test('a retry that comes a day later, and is marked so, is still the same event', () => {
  const [soon, late] = [{ ip: 'a' }, { ip: 'a', backfilled: true }]
  expect(hasSameContent(admitted(late), parts(soon))).toBe(true)
  expect(hasSameContent(admitted(soon), parts(late))).toBe(true)
  expect(hasSameContent(admitted(late), parts({ ip: 'b' }))).toBe(false)
})
