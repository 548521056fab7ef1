import fc from 'fast-check'
import type { Query, Term, Value } from '../query.ts'
import { wordsOf } from '../words.ts'
import type { TestEvent } from './array-store.ts'

/** Few texts, so that random queries meet random events; odd ones, so that it is worth it. */
const texts = [
  ...['u_1', 'u', '1', 'U_1', 'v1.2', 'v1', '12.50', '12.5', '-3', 'true', 'null', ''],
  ...['customer', 'Customer', 'customer.account', 'customer.account.created', 'cust', 'created'],
  ...['alice@example.com', 'example', 'two words', 'words two', 'two  Words!', '/api/v1/x'],
  ...['Zoë', 'zoe\u0308', 'ZOË', 'ΟΔΟΣ', 'οδος', 'İstanbul', '日本', '😀', '𐐀𐐀', 'ß'],
  ...['10.0.0.7', '10.0', '875240ac-e821-4fc6-a311-8c352a1d20f5', '875240ac', 'a*', '*', '"', '\\'],
  ...['success', 'failure', 'event', 'x=1', "' OR 1=1 --", 'a AND b', '2026-11-20T20:11:00.123Z'],
  'long '.repeat(60),
  'x'.repeat(250),
  `${'x'.repeat(249)}y`,
]
const text = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...texts) },
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
const name = fc.constantFrom(
  'plan',
  'n',
  'a.b',
  'a',
  'b',
  '__proto__',
  'constructor',
  'größe',
  'x y',
)
const leaf = fc.oneof(text, fc.constantFrom(12.5, 1, -0, 1e21, true, false, null), fc.integer())
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
})).value
const reference = fc.record({ type: text, id: text, name: text }, { requiredKeys: ['type', 'id'] })
export const times = fc
  .integer({ min: Date.UTC(2026, 8, 29, 22), max: Date.UTC(2026, 10, 2) })
  .map((at) => new Date(at).toISOString())

export const events: fc.Arbitrary<TestEvent> = fc
  .record(
    {
      action: text,
      id: text,
      tenant: fc.constantFrom('a', 'customer'),
      outcome: fc.constantFrom('success', 'failure', 'denied', 'unknown'),
      source: text,
      time: times,
      actor: reference,
      targets: fc.array(reference, { maxLength: 3 }),
      context: fc.record({ ip: text, request: text, path: text }, { requiredKeys: [] }),
      changes: fc.record({ before: data, after: data }, { requiredKeys: [] }),
      data,
    },
    { requiredKeys: ['action', 'id', 'tenant', 'actor'] },
  )
  // As the store has it: JSON, where `__proto__` is a plain member and -0 is 0.
  .map((event) => JSON.parse(JSON.stringify(event)) as TestEvent)

const fields = fc.constantFrom(
  ...['action', 'id', 'outcome', 'source', 'actor', 'actor.id', 'actor.type', 'targets.id', 'time'],
  ...[
    'targets',
    'context.ip',
    'context.path',
    'data',
    'data.plan',
    'data.a.b',
    'data.n',
    'data.x y',
  ],
  ...[
    'tenant',
    'type',
    'index',
    'hash',
    'received',
    'changes.before.a',
    'data.__proto__',
    'nosuch.x',
  ],
)
const fieldValue: fc.Arbitrary<Value> = fc.record({
  kind: fc.constantFrom('exact' as const, 'exact' as const, 'prefix' as const),
  text: fc.oneof(
    text,
    text.map((whole) => whole.slice(0, 4)),
    times,
    fc.constantFrom('success', 'customer.'),
  ),
})
const wordValue: fc.Arbitrary<Value> = fc.record({
  kind: fc.constantFrom('words' as const, 'words' as const, 'prefix' as const),
  text: text.filter((whole) => wordsOf(whole).length > 0),
})
const fieldTerm = fc.record({
  negated: fc.boolean(),
  field: fields,
  values: fc.array(fieldValue, { minLength: 1, maxLength: 3 }),
})
const wordTerm = fc.record({
  negated: fc.boolean(),
  field: fc.constant(undefined),
  values: fc.array(wordValue, { minLength: 1, maxLength: 3 }),
})
const bound = times.map((time) => Date.parse(time))

export const terms: fc.Arbitrary<Term> = fc.oneof(fieldTerm, wordTerm)
export const queries: fc.Arbitrary<Query> = fc.record(
  { terms: fc.array(terms, { maxLength: 3 }), since: bound, until: bound },
  { requiredKeys: ['terms'] },
)
