const namesMax = 10
const nameCharsMax = 100

/** A value of a schema for a sentence; cut, as it may be long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > nameCharsMax ? `${text.slice(0, nameCharsMax)}…` : text
}

/** `"a", "b" or "c"`; the first of them where there are many. */
export function listNames(values: readonly unknown[]): string {
  const names = values.slice(0, namesMax).map(quote)
  const more = values.length - names.length
  return listWords(more === 0 ? names : [...names, `${more} more`], 'or')
}

/** `a, b or c` */
export function listWords(words: readonly unknown[], last: string): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}
