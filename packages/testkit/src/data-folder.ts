import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTemporaryFolder, startTestServer, type TestServer } from './start-server.ts'

/** Entries of the logs `default` and `acme` in a filled folder: two whole tiles and a part. */
export const filledSizes = { default: 600, acme: 300 } as const

/** Events that can be told apart by their number. */
export const numberedEvents = (tenant: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({
    action: 'order.paid',
    tenant,
    id: `${tenant}-${from + n}`,
    actor: { id: `u_${from + n}` },
    data: { n: from + n },
  }))

/** Appends to both logs, and waits until checkpoints cover them. */
export async function fillLogs(server: TestServer): Promise<void> {
  for (const [tenant, count] of Object.entries(filledSizes)) {
    await server.post('/v1/events', numberedEvents(tenant, count))
    await server.ask(`/v1/events/${tenant}-${count - 1}/receipt?tenant=${tenant}`)
  }
}

/** A stopped service's data folder with two signed logs; `copy` gives each test one of its own. */
export async function createFilledFolder(): Promise<
  Disposable & { readonly folder: string; copy(): Disposable & { readonly path: string } }
> {
  const temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  await using server = await startTestServer({ folder })
  await fillLogs(server)
  await server.stop()
  return {
    folder,
    copy() {
      const target = createTemporaryFolder()
      cpSync(folder, target.path, { recursive: true })
      return target
    },
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  }
}

/** Writes to a database behind the program's back; statements may use the numbers of the logs. */
export function tamper(folder: string, sql: string, file = 'log.db'): void {
  // A service may be at it: signing what was appended a moment ago.
  const database = new DatabaseSync(join(folder, file), { timeout: 10_000 })
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}
