import { type AdminChange, type AdminStore, adminKinds } from '../store/store.ts'
import { parseRecord, type RecordOf } from './records.ts'

/** Everything administration keeps, by kind and id. */
export type Tables = { readonly [Kind in keyof RecordOf]: Map<string, RecordOf[Kind]> }

export function createTables(): Tables {
  return {
    key: new Map(),
    user: new Map(),
    session: new Map(),
    tenant: new Map(),
    schema: new Map(),
    setting: new Map(),
    redaction: new Map(),
  }
}

export async function readTables(store: AdminStore): Promise<Tables> {
  const tables = createTables()
  const fill = async <Kind extends keyof RecordOf>(kind: Kind) => {
    const table: Map<string, RecordOf[Kind]> = tables[kind]
    for (const row of await store.listAdmin(kind)) table.set(row.id, parseRecord(kind, row))
  }
  await Promise.all(adminKinds.map(fill))
  return tables
}

/** Brings a committed change into memory. */
export function applyChange<Kind extends keyof RecordOf>(
  tables: Tables,
  change: AdminChange & { readonly kind: Kind },
): void {
  const table: Map<string, RecordOf[Kind]> = tables[change.kind]
  if (change.value === null) table.delete(change.id)
  else table.set(change.id, parseRecord(change.kind, { value: change.value }))
}
