import type { Entry } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { textsAt } from './field-texts.ts'

const entry: Entry = {
  ...{ tenant: 't', index: 7, type: 'event', received: '2026-11-21T09:00:00.000Z', hash: 'ab' },
  event: {
    ...{ tenant: 't', id: 'e', time: '2026-11-21T09:00:00.000Z', outcome: 'success' },
    ...{ action: 'a', actor: { type: 'user', id: 'u_1' } },
    targets: [{ type: 'doc', id: 'd_1' }, { id: 'd_2' }],
    data: { plan: 'pro', 'odd.name': { 'x y': null }, list: [[1], { n: 2 }], deep: { n: [] } },
  },
}

test.each([
  ['index', ['7']],
  ['targets.id', ['d_1', 'd_2']],
  ['targets.type', ['doc']],
  ['data.plan', ['pro']],
  ['data.odd.name.x y', ['null']],
  ['data.list', ['1']],
  ['data.list.n', ['2']],
  ['data.deep', []],
  ['data.deep.n', []],
  ['data.constructor', []],
  ['data', []],
])('a cell of %s shows what a query of that field finds: %j', (field, expected) => {
  expect(textsAt(entry, field)).toEqual(expected)
})
