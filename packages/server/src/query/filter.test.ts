import { expect, test } from 'vitest'
import { toSearchable } from './entry.ts'
import { createFilter } from './filter.ts'
import { parseQuery } from './grammar.ts'
import { keep } from './testing/array-store.ts'

const now = Date.UTC(2026, 10, 20, 21)
const entry = toSearchable(
  keep('acme', 41, Date.UTC(2026, 10, 20, 20), {
    action: 'customer.account.created',
    id: 'e-1',
    outcome: 'failure',
    tenant: 'acme',
    time: '2026-11-20T19:30:00.000Z',
    actor: { type: 'user', id: 'u_1', name: 'Zoë Example' },
    targets: [
      { type: 'customer', id: 'c_1' },
      { type: 'plan', id: 'pro', tags: [['x', 'y']] },
    ],
    context: { ip: '10.0.0.7', agent: 'curl/8.5 (two words)', path: '/api/v1/customers' },
    changes: { before: null, after: { plan: 'pro' } },
    data: {
      seats: 12.5,
      paid: true,
      note: '',
      empty: {},
      'a.b': 'dotted',
      nested: { deep: [{ k: 'v' }] },
    },
  }),
)

test.each([
  ...['action:customer.account.created', 'action:customer.*', 'action:cust*', 'action:*'],
  ...[
    'actor:u_1',
    'actor.id:u_2,u_1',
    'target:pro',
    'targets.id:c_1',
    'targets.tags:y',
    'ip:10.0.0.7',
  ],
  ...['outcome:failure', '-outcome:success', '-actor:u_2', 'id:e-1', 'index:41', 'type:event'],
  ...['tenant:acme', 'hash:292929*', 'received:2026-11-20T20*', 'time:2026-11-20*'],
  ...[
    'data.seats:12.5',
    'data.seats:12.50',
    'data.seats:12*',
    'data.paid:true',
    'changes.before:null',
  ],
  ...[
    'data.note:""',
    'data.note:*',
    'data.empty:*',
    'data.a.b:dotted',
    'data.nested.deep.k:v',
    'data:*',
  ],
  ...[
    'created',
    'CREATED',
    'zoë',
    'ZOE\u0308',
    '"two words"',
    'customer.account',
    '10.0.0.7',
    'u_1',
    'custom*',
  ],
  ...[
    '"account crea"*',
    'nothing,created',
    'context.path:/api/v1/*',
    'curl 8.5',
    'example actor:u_1',
  ],
  ...['since:2026-11-20', 'until:2026-11-21', 'since:now-2h', 'since:"2026-11-20T19:30:00Z"', ''],
])('%j holds of the entry', (q) => {
  expect(createFilter(parseQuery(q, now))(entry)).toBe(true)
})

test.each([
  ...[
    'action:customer',
    'action:Customer.*',
    'action:customer.account.created.*',
    'actor:U_1',
    'actor:u_',
  ],
  ...['outcome:success', '-outcome:failure,success', '-created', 'index:4', 'data.seats:12'],
  ...[
    'data.paid:"TRUE"',
    'data.nosuch:*',
    '-data:*',
    'data.constructor:*',
    'data.__proto__:*',
    'targets.0.id:c_1',
  ],
  ...[
    'creat',
    '"words two"',
    'acme',
    'seats',
    '2026',
    'note',
    '"zoë created"',
    'actor:u_1 actor:u_2',
  ],
  ...[
    'until:"2026-11-20T19:30:00Z"',
    'since:now-1h',
    'since:2026-11-21 until:2026-11-20',
    'nosuch.x:*',
  ],
])('%j does not hold of the entry', (q) => {
  expect(createFilter(parseQuery(q, now))(entry)).toBe(false)
})

test('a long path costs no more look-ups than the event has members', () => {
  let lookups = 0
  const count = <T extends object>(object: T): T =>
    new Proxy(object, {
      ownKeys: (target) => {
        lookups++
        return Reflect.ownKeys(target)
      },
      getOwnPropertyDescriptor: (target, name) => {
        lookups++
        return Reflect.getOwnPropertyDescriptor(target, name)
      },
    })
  const items = Array.from({ length: 100 }, () => count({}))
  const event = { ...entry.event, data: { a: [...items, count({ b: 1 }), count({ '': 1 })] } }
  const field = `data.a${'.b'.repeat(1_000)}`
  const values = [{ kind: 'prefix' as const, text: '' }]
  const filter = createFilter({ terms: [{ negated: false, field, values }] })
  expect(filter({ ...entry, event })).toBe(false)
  expect(lookups).toBeLessThan(300)
})
