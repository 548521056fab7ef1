import type { Entry } from '@indelible/protocol'
import { visible } from '../core/visible-text.ts'
import { formatInstant } from './times.ts'

type Members = { readonly [member: string]: unknown }

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `{ plan: { name: 'pro' } }` → `plan.name` = `"pro"`; empty objects and arrays are values. */
function flatten(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (!isMembers(value) || Object.keys(value).length === 0) {
    return path === '' && isMembers(value) ? [] : [[path, JSON.stringify(value)]]
  }
  return Object.entries(value).flatMap(([name, member]) =>
    flatten(member, path === '' ? name : `${path}.${name}`),
  )
}

/** What differs, as lines of a diff; unchanged members are left out. */
export function formatDifference(before: unknown, after: unknown): readonly string[] {
  const old = new Map(flatten(before ?? {}))
  const fresh = new Map(flatten(after ?? {}))
  const paths = [...new Set([...old.keys(), ...fresh.keys()])]
  return paths
    .filter((path) => old.get(path) !== fresh.get(path))
    .flatMap((path) => {
      const [was, is] = [old.get(path), fresh.get(path)]
      return [
        ...(was === undefined ? [] : [`- ${path}: ${was}`]),
        ...(is === undefined ? [] : [`+ ${path}: ${is}`]),
      ]
    })
}

const describeReference = (reference: Members): string => {
  const { type, id, name, behalf, via, ...more } = reference
  const words = [`${type ?? ''}:${id}`.replace(/^:/, '')]
  if (name !== undefined) words.push(`(${name})`)
  for (const [member, value] of flatten(more)) words.push(`${member}=${value}`)
  return words.join(' ')
}

function formatActor(actor: Members): readonly (readonly [string, string])[] {
  const { behalf, via } = actor
  return [
    ['Who', describeReference(actor)],
    ...(Array.isArray(behalf) ? behalf.filter(isMembers) : []).map(
      (one) => ['  on behalf of', describeReference(one)] as const,
    ),
    ...(isMembers(via) ? [['  through', describeReference(via)] as const] : []),
  ]
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${visible(line)}`)]

const pairs = (value: unknown): readonly string[] =>
  flatten(value ?? {}).map(([path, text]) => `${path}: ${text}`)

/** Everything of one entry, for people, line by line and safe for a terminal. */
export function formatEntry(entry: Entry, isUtc: boolean): readonly string[] {
  const { event, erased } = entry
  const precise = { isUtc, isPrecise: true }
  const facts: readonly (readonly [string, string])[] = [
    ['What', `${event.action}  ${event.outcome}`],
    ...(event.actor === undefined ? [] : formatActor(event.actor)),
    ...(event.targets ?? []).map((target) => ['On what', describeReference(target)] as const),
    ...(event.source === undefined ? [] : [['Source', event.source] as const]),
    ['When', formatInstant(event.time, precise)],
    ['Received', formatInstant(entry.received, precise)],
    ['Tenant', entry.tenant],
    ['Id', event.id],
    ['Index', String(entry.index)],
    ['Hash', entry.hash],
  ]
  const known = facts.filter(([, text]) => !text.startsWith('undefined'))
  return [
    ...known.map(([label, text]) => `${label.padEnd(14)}  ${visible(text)}`),
    ...section('From where', pairs(event.context)),
    ...section('Changed', formatDifference(event.changes?.before, event.changes?.after)),
    ...section('Data', pairs(event.data)),
    ...section(
      'Erased',
      (erased ?? []).map(({ part, by }) => `${part}, by entry ${by}`),
    ),
  ]
}
