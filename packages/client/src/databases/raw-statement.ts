/** A statement for Kysely, as its `CompiledQuery.raw` makes it. */
export const compileForKysely = (sql: string, parameters: readonly string[]) => ({
  sql,
  parameters,
  query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
  queryId: { queryId: 'indelible-outbox' },
})

/** A text's UTF-8 in hexadecimal digits, for a literal: nothing in it can end one. */
export const toHex = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')
