import type { BrowserStorage } from '../preferences/browser-storage.ts'

/** Columns, beside the time, of whoever has chosen none. */
export const usualColumns: readonly string[] = ['action', 'actor', 'target', 'source', 'ip']

/** More than anybody reads, and few enough that a link with hostile ones costs nothing. */
const columnsMax = 20
const fieldCharsMax = 200

/** First members of a path that can hold something; the short forms show a name beside the id. */
const roots: ReadonlySet<string> = new Set([
  ...['action', 'actor', 'targets', 'context', 'changes', 'data', 'id', 'outcome', 'source'],
  ...['tenant', 'index', 'type', 'received', 'hash', 'target', 'ip'],
])

/** Whether a column can be made of it: a field of the grammar. Every row begins with its time. */
export function isColumn(field: string): boolean {
  const [root = ''] = field.split('.', 1)
  const isPath = field.length > root.length + 1 || field.length === root.length
  return roots.has(root) && isPath && field.length <= fieldCharsMax && !/\p{Cc}/u.test(field)
}

/** The columns that a link or this browser's memory names, as far as they can be; or none. */
export function readColumns(texts: readonly unknown[]): readonly string[] | undefined {
  const fields = texts.filter((text) => typeof text === 'string' && isColumn(text))
  const columns = [...new Set(fields as string[])].slice(0, columnsMax) // filtered just above
  return columns.length === 0 || isUsual(columns) ? undefined : columns
}

const isUsual = (columns: readonly string[]): boolean =>
  columns.length === usualColumns.length && columns.every((one, at) => one === usualColumns[at])

const key = 'indelible.columns'

/** What this browser shows where the address says nothing. */
export function readKeptColumns(storage: BrowserStorage) {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? readColumns(kept) : undefined
  } catch {
    return undefined
  }
}

export function keepColumns(columns: readonly string[] | undefined, storage: BrowserStorage): void {
  if (columns === undefined) storage.removeItem(key)
  else storage.setItem(key, JSON.stringify(columns))
}
