import type { Change, States } from './changes/describe-change.ts'
import type { AuditEvent } from './event.ts'

/**
 * The actions of an application and the `data` of each, declared once as a type:
 * `{ 'invoice.paid': { amount: string }; 'invoice.viewed': undefined }`.
 */
export type Catalogue = Readonly<Record<string, object | undefined>>

/** The events that a catalogue allows; any event where none was declared. */
export type EventOf<Actions extends object> = string extends keyof Actions
  ? AuditEvent
  : { [Name in keyof Actions & string]: NamedEvent<Name, Actions[Name]> }[keyof Actions & string]

type NamedEvent<Name, Data> = Omit<AuditEvent, 'action' | 'data'> & { readonly action: Name } & (
    | (undefined extends Data ? { readonly data?: Exclude<Data, undefined> } : never)
    | (undefined extends Data ? never : { readonly data: Data extends object ? Data : never })
  )

/** The changes that a catalogue allows: its events, with the state before and after. */
export type ChangeOf<Actions extends object> = string extends keyof Actions
  ? Change
  : { [Name in keyof Actions & string]: ChangedBy<NamedEvent<Name, Actions[Name]>> }[keyof Actions &
      string]

type ChangedBy<Event> = Omit<Event, 'changes'> & States
