import type { Walk } from './walk.ts'

/** A text that equal values share, whatever the order of their members: 1.0 is 1. */
export function canonicalise(value: unknown, walk: Pick<Walk, 'spend'>): string {
  if (typeof value === 'string') walk.spend(1 + (value.length >> 3))
  else walk.spend(1)
  // JSON has one zero; the language has two.
  if (value === 0) return '0'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalise(item, walk)).join()}]`
  const members = Object.entries(value)
  walk.spend(members.length)
  const texts = members.map(([name, member]) => {
    return `${JSON.stringify(name)}:${canonicalise(member, walk)}`
  })
  return `{${texts.sort().join()}}`
}
