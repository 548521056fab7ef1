import { hash } from 'node:crypto'

export type Scalar = string | number | boolean | null
export type Pairs = Readonly<Record<string, Scalar>>

/** What of a reported event the hash covers; an empty object is as good as none. */
export interface HashedEvent {
  readonly action: string
  readonly target?: { readonly id: string }
  readonly actor?: { readonly id: string }
  readonly group?: { readonly id: string }
  readonly source_ip?: string
  readonly is_failure?: boolean
  readonly is_anonymous?: boolean
  readonly fields?: Pairs
  readonly external_id?: string
  readonly metadata?: Pairs
}

/**
 * The hash that Retraced's client recomputes, and throws over if ours differs though the event is
 * kept: SHA-256 in hex of a canonical text of what was reported, before redaction, and of the id.
 */
export const hashRetraced = (event: HashedEvent, id: string): string =>
  hash('sha256', canonicalise(event, id))

/** `id:action:target:actor:group:ip:failed:anonymous:fields[:external id][:metadata]` */
function canonicalise(event: HashedEvent, id: string): string {
  const { action, target, actor, group, source_ip, external_id, fields, metadata } = event
  const named = [id, action, target?.id, actor?.id, group?.id, source_ip]
  return [
    ...named.map((text = '') => `${escapeColon(text)}:`),
    `${event.is_failure === true ? 1 : 0}:${event.is_anonymous === true ? 1 : 0}:`,
    fields === undefined ? ':' : formatPairs(fields),
    external_id === undefined || external_id === '' ? '' : `:${escapeColon(external_id)}`,
    metadata === undefined ? '' : `:${formatPairs(metadata)}`,
  ].join('')
}

/** Sorted by UTF-16 code units, as the client sorts. */
function formatPairs(pairs: Pairs): string {
  return Object.keys(pairs)
    .sort()
    .map((name) => `${escapePair(name)}=${escapePair(pairs[name])};`)
    .join('')
}

const escapeColon = (text: string): string => text.replaceAll('%', '%25').replaceAll(':', '%3A')

/** The client escapes strings alone; the text of other scalars has nothing to escape. */
const escapePair = (value: Scalar | undefined): string =>
  escapeColon(String(value)).replaceAll('=', '%3D').replaceAll(';', '%3B')
