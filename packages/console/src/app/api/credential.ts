/** By what a page makes its requests to the service. */
export interface Credential {
  /** `omit`: never the cookie, whoever is signed in beside this page. */
  readonly credentials: 'same-origin' | 'omit'
  readonly headers: () => Readonly<Record<string, string>>
}

/** By the session’s cookie. The header shows that a page of this service asks; no other can set it. */
export const byCookie: Credential = {
  credentials: 'same-origin',
  headers: () => ({ 'Indelible-Console': '1' }),
}

/** By a token alone. */
export const byToken = (readToken: () => string): Credential => ({
  credentials: 'omit',
  headers: () => ({ Authorization: `Bearer ${readToken()}` }),
})

let current: Credential | undefined

/** Called once, by each page’s entry: all its requests go by this credential, and by no other. */
export function authorizeBy(credential: Credential): void {
  current = credential
}

/** @throws Error where the entry has named none: a request must not fall back on the cookie */
export function pageCredential(): Credential {
  if (current === undefined) throw new Error('This page has not said by what it makes requests.')
  return current
}
