import { createElement, type HTMLAttributes, useEffect, useRef } from 'react'
import { defineViewer } from './define-viewer.ts'
import type { GetToken, ViewerElement } from './viewer-element.ts'

export interface IndelibleViewerProps extends HTMLAttributes<HTMLElement> {
  /** Where the service is. */
  readonly url: string
  /** A viewer token; or `getToken`. */
  readonly token?: string | undefined
  /** Asked for a token at the beginning, before one ends, and when one is refused. */
  readonly getToken?: GetToken | undefined
  /** `auto` (the system's), `light` or `dark`. */
  readonly theme?: string | undefined
  /** The search that is shown first. */
  readonly query?: string | undefined
  readonly onReady?: (() => void) | undefined
  /** The token will be over in a minute. Of use where there is no `getToken`. */
  readonly onExpiring?: (() => void) | undefined
  readonly onExpired?: (() => void) | undefined
}

/** `<indelible-viewer>` in React; on a server it renders an empty box. */
export function IndelibleViewer(props: IndelibleViewerProps) {
  const { token, getToken, className, onReady, onExpiring, onExpired, ...rest } = props
  const element = useRef<ViewerElement>(null)
  // The newest of each, without opening the viewer anew for a function that is made anew.
  const latest = useRef({ getToken, onReady, onExpiring, onExpired })
  useEffect(() => {
    latest.current = { getToken, onReady, onExpiring, onExpired }
  })
  useEffect(() => listen(element.current, () => latest.current), [])
  const mayAsk = getToken !== undefined
  useEffect(() => {
    const viewer = element.current
    if (viewer === null) return
    // Before the token: what has one is not asked for one.
    if (token !== undefined) viewer.token = token
    viewer.getToken = mayAsk ? () => latest.current.getToken?.() ?? '' : undefined
  }, [token, mayAsk])
  // Properties that React 18 and 19 both write as attributes.
  return createElement('indelible-viewer', { ...rest, class: className, ref: element })
}

interface Listeners {
  readonly onReady?: (() => void) | undefined
  readonly onExpiring?: (() => void) | undefined
  readonly onExpired?: (() => void) | undefined
}

function listen(viewer: ViewerElement | null, current: () => Listeners): (() => void) | undefined {
  defineViewer()
  if (viewer === null) return undefined
  const controller = new AbortController()
  const { signal } = controller
  viewer.addEventListener('indelible-ready', () => current().onReady?.(), { signal })
  viewer.addEventListener('indelible-expiring', () => current().onExpiring?.(), { signal })
  viewer.addEventListener('indelible-expired', () => current().onExpired?.(), { signal })
  return () => controller.abort()
}
