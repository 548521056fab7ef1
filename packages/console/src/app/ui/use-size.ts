import { useEffect, useState, useSyncExternalStore } from 'react'

/** Width of an element in CSS pixels; 0 before it is measured. */
export function useWidth(element: Element | null): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return width
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
}

/** Where the opened entry covers the page instead of standing beside the list. */
export const narrowScreen = '(max-width: 860px)'
