import { useEffect, useState } from 'react'

/** The time, Unix milliseconds, told anew every `stepMs` while somebody reads it. */
export function useNow(active: boolean, stepMs = 10_000): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!active) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), stepMs)
    return () => clearInterval(timer)
  }, [active, stepMs])
  return now
}
