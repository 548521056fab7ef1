import { type Searchable, scalarText, someValue } from './fields.ts'

/** Distinct texts of the scalars at a field. */
export function textsAt(entry: Searchable, field: string): Set<string> {
  const texts = new Set<string>()
  someValue(entry, field, (value) => {
    const text = scalarText(value)
    if (text !== undefined) texts.add(text)
    return false
  })
  return texts
}

export function increment(counts: Map<string, number>, text: string): void {
  counts.set(text, (counts.get(text) ?? 0) + 1)
}
