import { limits } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { createFactReader, valueFact, wordFact } from './facts.ts'

const core = '{"action":"a.b","id":"1","outcome":"success","tenant":"t"}'
const actor = '{"type":"user","id":"u"}'

test('names that a caller makes long are not remembered, and no fact holds one that no query can (J-09)', () => {
  const { readFacts } = createFactReader()
  const read = (data: object) =>
    readFacts({ type: 'event', received: 0, parts: { core, actor, data: JSON.stringify(data) } })
  const find = (fact: string, data: object) =>
    read(data).groups.find(({ facts }) => facts.includes(fact))

  const [short, long, longest] = [100, limits.queryCharsMax - 5, 200_000].map((length) =>
    'n'.repeat(length),
  ) as [string, string, string]
  expect(find('w:kept', { [short]: 'kept' })).toBe(find('w:kept', { [short]: 'kept' }))
  const asked = valueFact(`data.${long}`, 'found')
  expect(find(asked, { [long]: 'found' })).toBeDefined()
  expect(find(asked, { [long]: 'found' })).not.toBe(find(asked, { [long]: 'found' }))

  const { groups } = read({ [longest]: { list: ['found', 7], below: { [longest]: true } } })
  const facts = groups.flatMap((group) => group.facts)
  expect(facts).toContain(wordFact('found'))
  expect(Math.max(...facts.map(({ length }) => length))).toBeLessThan(limits.queryCharsMax + 300)
})
