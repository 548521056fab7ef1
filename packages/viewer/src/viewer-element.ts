/** Gives a fresh viewer token, from one's own backend. */
export type GetToken = () => string | Promise<string>

/** `<indelible-viewer>`. Its events: `indelible-ready`, `indelible-expiring`, `indelible-expired`. */
export interface ViewerElement extends HTMLElement {
  /** Where the service is. */
  url: string
  /** A viewer token; set anew, it takes the place of the former one. */
  token: string
  /** `auto` (the system's), `light` or `dark`. */
  theme: string
  /** The search that is shown first; set anew, it is run. */
  query: string
  /** Asked for a token at the beginning, before one ends, and when one is refused. */
  getToken: GetToken | undefined
}
