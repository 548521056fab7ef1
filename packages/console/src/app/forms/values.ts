/** What somebody typed, without what surrounds it; undefined if nothing. */
export function readText(values: FormData, name: string): string | undefined {
  const text = String(values.get(name) ?? '').trim()
  return text === '' ? undefined : text
}

/** Names, between commas, spaces or lines. */
export const splitNames = (text: string): readonly string[] =>
  text.split(/[\s,]+/).filter((one) => one !== '')

export const readNames = (values: FormData, name: string): readonly string[] =>
  splitNames(String(values.get(name) ?? ''))

/** A whole number; undefined if nothing was typed. */
export function readNumber(values: FormData, name: string): number | undefined {
  const text = readText(values, name)
  return text === undefined ? undefined : Number(text)
}

/** An instant of a `datetime-local` field, in the reader's zone or in UTC, as RFC 3339; undefined if none. */
export function readTime(
  values: FormData,
  name: string,
  { utc }: { readonly utc: boolean },
): string | undefined {
  const text = readText(values, name)
  const at = text === undefined ? Number.NaN : Date.parse(utc ? `${text}Z` : text)
  return Number.isNaN(at) ? text : new Date(at).toISOString()
}
