import { useCallback, useEffect, useState } from 'react'
import { browserStorage } from '../preferences/browser-storage.ts'
import { readSearches, type Searches, searchesKey } from './searches.ts'

/** What this user keeps here. Changed by what is kept at that moment: other windows change it, too. */
export function useSearches(owner: string) {
  const [searches, setSearches] = useState(() => readSearches(owner, browserStorage))
  useEffect(() => {
    const read = () => setSearches(readSearches(owner, browserStorage))
    read()
    addEventListener('storage', read)
    return () => removeEventListener('storage', read)
  }, [owner])
  const change = useCallback(
    (changed: (before: Searches) => Searches) => {
      const before = readSearches(owner, browserStorage)
      const after = changed(before)
      if (after === before) return
      browserStorage.setItem(searchesKey(owner), JSON.stringify(after))
      setSearches(after)
    },
    [owner],
  )
  return { searches, change }
}
