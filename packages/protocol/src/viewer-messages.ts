/** How an embedded viewer looks: the host's words, which the viewer checks before it uses them. */
export interface ViewerTheme {
  /** `auto` (the system's), `light` or `dark`. */
  readonly scheme?: string | undefined
  /** `accent`, `background`, `surface`, `text`, `radius`, `font`: values of CSS. */
  readonly values?: Readonly<Record<string, string>> | undefined
}

/**
 * The first word, by `postMessage` from the page around the viewer's frame, with a port on which
 * all else is said: nobody but the two hears or speaks there.
 */
export interface ViewerConnect {
  readonly indelible: 'connect'
}

/** What the page around it says to the viewer. */
export type HostMessage =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'theme'; readonly theme: ViewerTheme }
  | { readonly kind: 'query'; readonly query: string }

/** What the viewer says to the page around it. */
export type ViewerMessage =
  /** It shows what its token may see. */
  | { readonly kind: 'ready' }
  /** It needs a token: soon, or now, since what it had is over or is no good. */
  | { readonly kind: 'token-wanted'; readonly expired: boolean }
