import { useCallback, useEffect, useState } from 'react'

/** Copies text, and says for two seconds what was copied. */
export function useCopy() {
  const [copied, setCopied] = useState<string>()
  useEffect(() => {
    if (copied === undefined) return
    const timer = setTimeout(() => setCopied(undefined), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = useCallback(async (what: string, text: string) => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(`${what} copied`)
    } catch {
      // Without a secure context or the permission there is no clipboard.
      setCopied('This browser does not let the page copy')
    }
  }, [])
  return { copied, copy }
}
