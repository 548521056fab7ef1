import { limits } from '@indelible/protocol'
import { membersOf } from '../../base/json-object.ts'
import { clip, fitRecord } from './tolerant-json.ts'
import type { Draft } from './translation.ts'

/** What each place of an event has room for. */
const roomy = { type: 200, reference: 2_048, context: 8_192 }
/** Redaction can make tens of characters of two, and what is reduced must have room for them. */
const narrow = { type: 100, reference: 1_000, context: 1_000 }

/**
 * What to keep of a log record that admission refuses, the most first. Exporters drop the batch that
 * holds it, and much of a record can be what a visitor sent: a user agent, a path, the name of a
 * log-in. Whoever sends one that is too long must not wipe out the traces of others.
 * @param nameless the action where the record's own can't be kept
 */
export function listLesser(event: Draft, nameless: string): readonly Draft[] {
  // Admission itself holds one without an id to its action's schema: none may get round that.
  if (event.id === undefined) return [event]
  const fitted = fitRecord(event, 1) as Draft // an object stays one
  const times = Object.entries(membersOf(fitted.data)).filter(([name]) => /UnixNano$/.test(name))
  const data = { ...Object.fromEntries(times), truncated: true }
  const reduced = { ...clipPlaces(fitted, narrow), data }
  return [clipPlaces(fitted, roomy), reduced, { ...reduced, action: nameless }]
}

/** What is cut of an action is still in `data`, as the other texts are in its attributes. */
function clipPlaces(event: Draft, { type, reference, context }: typeof roomy): Draft {
  const { action, actor, targets, source, data } = event
  const clipReference = (value: unknown) => clipMembers(value, reference, type)
  const isLong = typeof action === 'string' && action.length > limits.actionCharsMax
  return {
    ...event,
    action: isLong ? clip(action, limits.actionCharsMax) : action,
    actor: clipReference(actor),
    context: clipMembers(event.context, context),
    data: isLong ? { ...membersOf(data), eventName: action } : data,
    ...(Array.isArray(targets) ? { targets: targets.map(clipReference) } : {}),
    ...(typeof source === 'string' ? { source: clip(source, limits.sourceCharsMax) } : {}),
  }
}

function clipMembers(value: unknown, charsMax: number, typeCharsMax = charsMax) {
  const members = Object.entries(membersOf(value)).map(([name, text]) => {
    const max = name === 'type' ? typeCharsMax : charsMax
    return [name, typeof text === 'string' ? clip(text, max) : text]
  })
  return Object.fromEntries(members)
}
