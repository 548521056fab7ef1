import * as protocol from '@indelible/protocol'
import { Target } from '@indelible/protocol/schema'
import { expect, expectTypeOf, test } from 'vitest'
import type {
  AuditEvent,
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
import * as limits from './limits.ts'

type Actions = {
  'invoice.paid': { amount: string }
  'invoice.viewed': undefined
}
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

test('the bounds of an event are the protocol’s', () => {
  const { actionCharsMax, targetsMax } = protocol.limits
  expect(limits).toMatchObject({ actionCharsMax, targetsMax })
  const id = { maxLength: limits.idCharsMax }
  const type = { maxLength: limits.typeCharsMax }
  expect(Target.properties).toMatchObject({ id, type })
})

test('without a catalogue any action goes', () => {
  expectTypeOf<EventOf<Record<string, object | undefined>>>().toEqualTypeOf<AuditEvent>()
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
})
