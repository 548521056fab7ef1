import type { Entry } from '@indelible/protocol'

const ledgerFields = ['tenant', 'index', 'type', 'received', 'hash'] as const

/** Of one field: a cell shows the first, and how many more there are. */
const textsMax = 50

/**
 * Texts of what an entry has at a field, as a query finds them: lists are looked through, and a
 * member whose own name has dots is found too. Objects have none.
 */
export function textsAt(entry: Entry, field: string): readonly string[] {
  const own = ledgerFields.find((name) => name === field)
  if (own !== undefined) return [String(entry[own])]
  const texts: string[] = []
  // Each member's name is held against the path: strangers choose how many dots that has.
  const visit = (value: unknown, at: number): void => {
    if (texts.length >= textsMax) return
    if (Array.isArray(value)) for (const element of value) visit(element, at)
    else if (at > field.length) add(value)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        const end = at + name.length
        if (!field.startsWith(name, at)) continue
        if (end === field.length || field.charAt(end) === '.') visit(member, end + 1)
      }
    }
  }
  const add = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) texts.push(String(value))
  }
  visit(entry.event, 0)
  return texts
}
