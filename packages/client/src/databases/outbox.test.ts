import { expect, test } from 'vitest'
import { createOutbox as createPostgresOutbox } from './postgres.ts'
import { createOutbox as createSqliteOutbox } from './sqlite.ts'

test('an outbox without its client says so when it is made, not when it first fails', () => {
  // As it comes from where no compiler looks.
  const options = { audit: { url: 'http://127.0.0.1:1' } } as never
  for (const createOutbox of [createPostgresOutbox, createSqliteOutbox]) {
    expect(() => createOutbox(options)).toThrow('takes the client, of createClient')
  }
})
