import type * as protocol from '@indelible/protocol'
import { expectTypeOf, test } from 'vitest'
import type {
  AuditEvent,
  ChangeOf,
  Client,
  Entry,
  EntryPage,
  EventOf,
  Fault,
  Head,
  Outcome,
  ProblemCode,
} from './index.ts'
import { createClient } from './index.ts'

type Actions = {
  'invoice.paid': { amount: string }
  'invoice.viewed': undefined
  'invoice.noted': { note: string } | undefined
}
const actor = { id: 'u_1' }
declare const audit: Client<Actions>

test('the types written out for the package are the protocol’s', () => {
  expectTypeOf<ProblemCode>().toEqualTypeOf<protocol.ProblemCode>()
  expectTypeOf<Outcome>().toEqualTypeOf<protocol.KeptEvent['outcome']>()
  expectTypeOf<Head>().toExtend<Readonly<protocol.Head>>()
  expectTypeOf<protocol.Head>().toExtend<Head>()
  expectTypeOf<protocol.Entry>().toExtend<Entry>()
  expectTypeOf<protocol.EntryPage>().toExtend<EntryPage>()
  expectTypeOf<protocol.Fault>().toExtend<Fault>()
  expectTypeOf<protocol.EventSubmission>().toExtend<AuditEvent>()
  expectTypeOf<keyof AuditEvent>().toEqualTypeOf<keyof protocol.EventSubmission>()
})

test('without a catalogue any action goes, and wrong members do not compile', () => {
  const any: (event: AuditEvent) => void = () => undefined
  any({ action: 'a.b', data: { n: 1 }, targets: [{ type: 'x', id: '1', more: true }] })
  // @ts-expect-error an action is required
  any({ actor })
  // @ts-expect-error an actor has an id
  any({ action: 'a', actor: { name: 'x' } })
  // @ts-expect-error a typo does not vanish
  any({ action: 'a', actr: actor })
  // @ts-expect-error there are four outcomes
  any({ action: 'a', outcome: 'ok' })
  expectTypeOf<EventOf<Record<string, object | undefined>>>().toEqualTypeOf<AuditEvent>()
})

test('data that is no object is never right', () => {
  const record: (event: EventOf<{ 'a.b': string }>) => void = () => undefined
  // @ts-expect-error the service takes objects alone
  record({ action: 'a.b', data: 'x' })
})

test('a catalogue’s actions are checked in changes, too', () => {
  const change: (change: ChangeOf<Actions>) => void = () => undefined
  change({ action: 'invoice.paid', data: { amount: '1' }, before: { paid: false }, after: null })
  // @ts-expect-error its data is required
  change({ action: 'invoice.paid', before: {}, after: {} })
  // @ts-expect-error not in the catalogue
  change({ action: 'invoice.payed', before: {}, after: {} })
  // @ts-expect-error a state is an object
  change({ action: 'invoice.viewed', before: 'paid' })
})

test('a catalogue’s actions and their data are checked', () => {
  const record: (event: EventOf<Actions>) => void = () => undefined
  record({ action: 'invoice.paid', data: { amount: '12.50' } })
  record({ action: 'invoice.viewed', actor })
  record({ action: 'invoice.noted' })
  record({ action: 'invoice.noted', data: { note: 'x' } })
  // @ts-expect-error not in the catalogue
  record({ action: 'invoice.payed', data: { amount: '12.50' } })
  // @ts-expect-error its data is required
  record({ action: 'invoice.paid' })
  // @ts-expect-error an amount is a string
  record({ action: 'invoice.paid', data: { amount: 12.5 } })
  // @ts-expect-error it has no data
  record({ action: 'invoice.viewed', data: { x: 1 } })
})

test('an interface can be a catalogue, too', () => {
  interface Declared {
    'a.b': { readonly n: number }
  }
  expectTypeOf<EventOf<Declared>['action']>().toEqualTypeOf<'a.b'>()
})

test('record answers nothing, or a promise where it can block', () => {
  type Recorded = ReturnType<typeof audit.record>
  expectTypeOf<Recorded>().toEqualTypeOf<void>()
  const blocking = () => createClient<Actions>({ url: '', onFull: 'block' })
  expectTypeOf<ReturnType<ReturnType<typeof blocking>['record']>>().toEqualTypeOf<Promise<void>>()
  const throwing = () => createClient({ url: '', onFull: 'throw' })
  expectTypeOf<ReturnType<typeof throwing>>().toEqualTypeOf<Client>()
  // @ts-expect-error no such mode
  const wrong = () => createClient({ url: '', onFull: 'drop' })
  expectTypeOf(wrong).toBeFunction()
})
