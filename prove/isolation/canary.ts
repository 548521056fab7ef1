/** One word for every search and every store: letters and digits alone. */
const pattern = /qz[a-z]\d{6}zq/gi

/** @param n another number for each */
export const formatCanary = (letter: string, n: number): string =>
  `qz${letter}${String(n).padStart(6, '0')}zq`

/** The canaries in a text, each once. */
export const findCanaries = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].map(([canary]) => canary.toLowerCase()))
