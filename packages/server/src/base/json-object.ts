export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Its members, where it is an object; else none. */
export const membersOf = (value: unknown): JsonObject => (isObject(value) ? value : {})
