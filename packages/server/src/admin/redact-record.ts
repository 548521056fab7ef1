import type { SystemEvent } from '../ledger/system-event.ts'

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

/**
 * A record without the secrets that people put into what they type freely: names of keys, tokens
 * and tenants, a filter, a user name that nobody has, the user agent. All else is ours.
 */
export function redactRecord(record: SystemEvent, redact: Redact = (text) => text): SystemEvent {
  const { actor, targets, context, data } = record
  const clean = <T extends object>(object: T, ...names: string[]): T => {
    const texts = Object.entries(object).filter(([name]) => names.includes(name))
    const cleaned = texts.map(([name, text]) => [
      name,
      typeof text === 'string' ? redact(text) : text,
    ])
    return { ...object, ...Object.fromEntries(cleaned) }
  }
  return {
    ...record,
    actor: record.outcome === 'denied' ? clean(actor, 'id', 'name') : clean(actor, 'name'),
    ...(targets === undefined ? {} : { targets: targets.map((target) => clean(target, 'name')) }),
    ...(context === undefined ? {} : { context: clean(context, 'agent') }),
    ...(data === undefined ? {} : { data: clean(data, 'filter') }),
  }
}
