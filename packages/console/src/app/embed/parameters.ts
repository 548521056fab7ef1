import type { ViewerTheme } from '@indelible/protocol'
import { type EventsView, parseView } from '../paths.ts'
import { browserStorage } from '../preferences/browser-storage.ts'
import { readKeptColumns } from '../table/chosen-columns.ts'

/** What the viewer’s link says. */
export interface Parameters {
  /** Undefined where the page around the frame is to give it. */
  readonly token: string | undefined
  readonly theme: ViewerTheme
  readonly view: EventsView
}

/** What of the address bar and the history is used. */
interface Place {
  readonly location: Pick<Location, 'search' | 'hash' | 'pathname'>
  readonly history: Pick<History, 'state' | 'replaceState'>
}

/**
 * Reads the link and takes all of it out of the address bar, token and all. What it said is kept
 * with the frame’s entry in the history, which no other origin can read, so that loading the frame
 * again shows the same. What stands behind `#` was sent to nobody, and wins.
 */
export function takeParameters({ location, history }: Place): Parameters {
  const given = [location.search, location.hash].map((text) => text.slice(1)).filter(Boolean)
  const text = given.length > 0 ? given.join('&') : readKept(history.state)
  history.replaceState({ indelible: text }, '', location.pathname)
  const parameters = new URLSearchParams(text)
  const last = (name: string) => parameters.getAll(name).at(-1)
  const named = ['accent', 'background', 'surface', 'text', 'radius', 'font'].flatMap((name) => {
    const value = last(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  // The tenant is the token’s, whatever a link says.
  const view = { ...parseView(parameters), tenant: undefined }
  return {
    token: parameters.has('connect') ? undefined : (last('token') ?? ''),
    theme: { scheme: last('theme'), values: Object.fromEntries(named) },
    view: { ...view, columns: view.columns ?? readKeptColumns(browserStorage) },
  }
}

function readKept(state: unknown): string {
  const kept: unknown =
    typeof state === 'object' && state !== null ? Reflect.get(state, 'indelible') : undefined
  return typeof kept === 'string' ? kept : ''
}
