import type { DatabaseSync } from 'node:sqlite'

export interface NewItem {
  readonly name: string
  readonly description: string | null
  /** Whole hundredths: sums of money are not for floating point. */
  readonly priceCents: number
  /** Username. */
  readonly owner: string
  /** RFC 3339. */
  readonly created: string
}

export interface Item extends NewItem {
  readonly id: number
}

export interface Items {
  add(item: NewItem): Item
  find(id: number): Item | undefined
  /** Newest first; those before an id, where one is given. */
  list(page: { readonly before: number | undefined; readonly limit: number }): Item[]
}

const columns = 'id, name, description, price_cents AS priceCents, owner, created'

export function createItems(database: DatabaseSync): Items {
  const add = database.prepare(`
    INSERT INTO items (name, description, price_cents, owner, created) VALUES (?, ?, ?, ?, ?)
  `)
  const find = database.prepare(`SELECT ${columns} FROM items WHERE id = ?`)
  const list = database.prepare(`
    SELECT ${columns} FROM items WHERE id < ? ORDER BY id DESC LIMIT ?
  `)
  return {
    add(item) {
      const { name, description, priceCents, owner, created } = item
      const { lastInsertRowid } = add.run(name, description, priceCents, owner, created)
      return { id: Number(lastInsertRowid), ...item }
    },
    // A row of a STRICT table has these columns, of these types.
    find: (id) => find.get(id) as Item | undefined,
    list: ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      list.all(before, limit) as unknown as Item[], // as above
  }
}
