const memberName = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"(\s*:)?/g

/**
 * Parses JSON as `JSON.parse` does, but refuses a member that an object names twice: whoever reads
 * evidence with other means may believe the other of the two.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  let named = 0
  // Valid JSON by now: a string before a colon is a name, and nothing else is.
  for (const [, colon] of text.matchAll(memberName)) if (colon !== undefined) named += 1
  if (named === countMembers(value)) return value
  throw new SyntaxError('An object has a member twice')
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce<number>((sum, member) => sum + countMembers(member), own)
}
