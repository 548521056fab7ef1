import type { BrowserStorage } from '../preferences/browser-storage.ts'

/** A view under a name, as the address has it: what its link would show. */
export interface SavedSearch {
  readonly name: string
  readonly address: string
}

/** What one user keeps in this browser; others of the same browser have their own. */
export interface Searches {
  readonly saved: readonly SavedSearch[]
  /** Queries, newest first. */
  readonly recent: readonly string[]
}

const savedMax = 100
const recentMax = 10
export const nameCharsMax = 80

export const noSearches: Searches = { saved: [], recent: [] }

/** Saved ones by name: another of the same name is the one from now on. */
export function saveSearch(searches: Searches, search: SavedSearch): Searches {
  const others = searches.saved.filter(({ name }) => name !== search.name)
  const saved = [...others, search].sort((one, other) => one.name.localeCompare(other.name))
  return { ...searches, saved: saved.slice(0, savedMax) }
}

export const removeSearch = (searches: Searches, name: string): Searches => ({
  ...searches,
  saved: searches.saved.filter((one) => one.name !== name),
})

export function renameSearch(searches: Searches, from: string, to: string): Searches {
  const found = searches.saved.find(({ name }) => name === from)
  if (found === undefined || from === to) return searches
  return saveSearch(removeSearch(searches, from), { ...found, name: to })
}

export function noteRecent(searches: Searches, q: string): Searches {
  if (q === '' || searches.recent[0] === q) return searches
  const recent = [q, ...searches.recent.filter((one) => one !== q)]
  return { ...searches, recent: recent.slice(0, recentMax) }
}

export const searchesKey = (owner: string): string => `indelible.searches.v1:${owner}`

/** What can't be read any more is as if there were none: it is a convenience. */
export function readSearches(owner: string, storage: BrowserStorage): Searches {
  try {
    const kept: unknown = JSON.parse(storage.getItem(searchesKey(owner)) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return noSearches
    const listOf = (name: string): unknown[] => {
      const value: unknown = Reflect.get(kept, name)
      return Array.isArray(value) ? value : []
    }
    return {
      saved: listOf('saved').filter(isSaved),
      recent: listOf('recent').filter((q) => typeof q === 'string'),
    }
  } catch {
    return noSearches
  }
}

const isSaved = (value: unknown): value is SavedSearch =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'name') === 'string' &&
  typeof Reflect.get(value, 'address') === 'string'
