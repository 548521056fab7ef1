/** What is used of `localStorage`. */
export type BrowserStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * What this browser keeps for the service’s origin. A frame in another site’s page may be denied
 * it: then what is kept lasts as long as the page.
 */
export const browserStorage: BrowserStorage = openStorage()

function openStorage(): BrowserStorage {
  try {
    return localStorage
  } catch {
    const kept = new Map<string, string>()
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    }
  }
}
