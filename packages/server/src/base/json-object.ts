export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Its members, where it is an object; else none. */
export const membersOf = (value: unknown): JsonObject => (isObject(value) ? value : {})

/**
 * Without the members that are undefined: what was left out must not look as if it were there.
 * @param members whose names are ours: of somebody else's `__proto__` would be lost
 */
export function dropAbsent(members: JsonObject): JsonObject {
  const present: Record<string, unknown> = {}
  for (const name in members) {
    if (members[name] !== undefined) present[name] = members[name]
  }
  return present
}
