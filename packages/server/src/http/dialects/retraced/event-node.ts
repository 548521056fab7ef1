import type { Entry } from '@indelible/protocol'
import { type JsonObject, membersOf } from '../../../base/json-object.ts'
import { anonymous, unknownCrud } from '../../../intake/dialects/retraced.ts'

/**
 * An entry as the node of Retraced's event. Total: whatever an event of our own API put where ours
 * are, it is told or null, since anybody who may append may say that an event is Retraced's.
 */
export function toEventNode({ event, received }: Entry): JsonObject {
  const data = membersOf(event.data)
  const context = membersOf(event.context)
  const isNameless = event.actor?.type === anonymous.type && event.actor.id === anonymous.id
  const actor = isNameless ? undefined : event.actor
  const [target] = event.targets ?? []
  const { crud } = data
  return {
    id: event.id,
    action: event.action,
    crud: crud === unknownCrud ? null : textOf(crud),
    description: textOf(data.description),
    ...{ received, canonical_time: event.time, created: event.time },
    is_failure: event.outcome === 'failure',
    is_anonymous: isNameless || data.is_anonymous === true,
    actor: actor === undefined ? null : toParty(actor),
    target: target === undefined ? null : toParty(target),
    group: context.group === undefined ? null : toParty(membersOf(context.group)),
    source_ip: textOf(context.ip),
    // We ask nobody where an address is.
    ...{ country: null, loc_subdiv1: null, loc_subdiv2: null },
    component: textOf(data.component),
    version: textOf(data.version),
    external_id: textOf(data.external_id),
    fields: toPairs(data.fields),
    metadata: toPairs(data.metadata),
    display: { markdown: describeEvent(event) },
    raw: JSON.stringify(event),
  }
}

/** An id, a name or the like as text; null where there is none. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function toParty(party: JsonObject): JsonObject {
  const { id, name, href, type, fields } = party
  return {
    ...{ id: textOf(id), name: textOf(name), href: textOf(href), type: textOf(type) },
    fields: toPairs(fields),
  }
}

const toPairs = (value: unknown): readonly JsonObject[] =>
  Object.entries(membersOf(value)).map(([key, member]) => ({ key, value: textOf(member) }))

/** One line for the viewer, which shows it as Markdown. */
function describeEvent({ actor, action, targets, data }: Entry['event']): string {
  const who = actor?.name || actor?.id || 'Somebody'
  const [target] = targets ?? []
  const what = target?.name || target?.id
  const description = textOf(membersOf(data).description)
  return [
    `**${escapeMarkdown(who)}** ${escapeMarkdown(action)}`,
    what === undefined || what === '' ? '' : ` **${escapeMarkdown(what)}**`,
    description === null ? '' : ` — ${escapeMarkdown(description)}`,
  ].join('')
}

/** Strangers choose these texts: no image may be fetched, nor a link shown, because of one. */
const escapeMarkdown = (text: string): string =>
  text.replaceAll(/[!-/:-@[-`{-~]/g, '\\$&').replaceAll(/\s+/g, ' ')
