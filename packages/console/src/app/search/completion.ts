import { formatField, formatValue, lastValueStart, splitTerms, unquote } from './terms.ts'

/** What could be completed at the caret, and which characters it would take the place of. */
export type Completion = { readonly from: number; readonly to: number; readonly prefix: string } & (
  | { readonly kind: 'field' }
  | { readonly kind: 'value'; readonly field: string }
)

/** Fields that every event can have, most asked for first. */
export const usualFields: readonly { readonly field: string; readonly about: string }[] = [
  { field: 'action', about: 'what was done' },
  { field: 'actor.id', about: 'who' },
  { field: 'actor.name', about: 'who, by name' },
  { field: 'actor.type', about: 'kind of actor' },
  { field: 'targets.id', about: 'on what' },
  { field: 'targets.type', about: 'kind of target' },
  { field: 'targets.name', about: 'on what, by name' },
  { field: 'outcome', about: 'success, failure, denied, unknown' },
  { field: 'source', about: 'which service says so' },
  { field: 'context.ip', about: 'address it came from' },
  { field: 'context.agent', about: 'user agent' },
  { field: 'context.request', about: 'request' },
  { field: 'context.session', about: 'session' },
  { field: 'context.trace', about: 'trace' },
  { field: 'since', about: 'from then on: now-1h, 2026-11-01' },
  { field: 'until', about: 'before then: now, 2026-12-01' },
  { field: 'id', about: 'of the event' },
]

/** What stands at the caret: a field's name until its colon, then one of its values. */
export function completionAt(q: string, caret: number): Completion {
  const term = splitTerms(q).find(({ start, end }) => start < caret && caret <= end)
  if (term === undefined) return { kind: 'field', from: caret, to: caret, prefix: '' }
  const from = term.start + (term.negated ? 1 : 0)
  const head = q.slice(from, caret)
  const [typed] = splitTerms(head)
  if (typed?.field === undefined) {
    return { kind: 'field', from, to: caret, prefix: unquote(head) }
  }
  const valueStart = caret - typed.value.length + lastValueStart(typed.value)
  const prefix = unquote(q.slice(valueStart, caret))
  return { kind: 'value', field: typed.field, from: valueStart, to: caret, prefix }
}

/** The query with what was chosen in place, and where the caret then is. */
export function complete(q: string, { kind, from, to }: Completion, chosen: string) {
  const rest = q.slice(to)
  const space = /^\s/.test(rest) ? '' : ' '
  const text = kind === 'field' ? `${formatField(chosen)}:` : `${formatValue(chosen)}${space}`
  const caret = from + text.length + (kind === 'value' && space === '' ? 1 : 0)
  return { q: q.slice(0, from) + text + rest, caret }
}

/** A field that has more, or what no line of text can hold, is none to type. */
const isTypable = (field: string): boolean => field.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(field)

/** Of one event, which may have tens of thousands of members. */
const learntMax = 200

/** Paths of scalars of some events, so that their own fields are offered too. */
export function learnFields(events: readonly unknown[], depthMax = 4): string[] {
  const found = new Set<string>()
  let left = 0
  const visit = (value: unknown, path: string, depth: number): void => {
    if (left <= 0) return
    if (typeof value !== 'object' || value === null) {
      left -= 1
      if (path !== '' && isTypable(path)) found.add(path)
      return
    }
    if (depth > depthMax) return
    if (Array.isArray(value)) {
      for (const element of value) visit(element, path, depth)
      return
    }
    for (const [name, member] of Object.entries(value)) {
      visit(member, path === '' ? name : `${path}.${name}`, depth + 1)
    }
  }
  for (const event of events) {
    left = learntMax
    visit(event, '', 0)
  }
  for (const field of ['time', 'tenant']) found.delete(field)
  return [...found].sort()
}

/** Fields for what was typed: those that begin with it, then those that have it inside. */
export function matchFields(prefix: string, learnt: readonly string[], most: number) {
  const known = new Set(usualFields.map(({ field }) => field))
  const all = [
    ...usualFields,
    ...learnt.filter((field) => !known.has(field)).map((field) => ({ field, about: '' })),
  ]
  const typed = prefix.toLowerCase()
  const begins = all.filter(({ field }) => field.toLowerCase().startsWith(typed))
  const holds = all.filter(
    ({ field }) => !field.toLowerCase().startsWith(typed) && field.toLowerCase().includes(typed),
  )
  return [...begins, ...holds].slice(0, most)
}
