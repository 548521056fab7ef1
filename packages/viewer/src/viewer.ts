import type { ViewerMessage } from '@indelible/protocol'
import { createFrame } from './frame.ts'
import { readTheme, watchTheme } from './theme.ts'
import type { ViewerElement } from './viewer-element.ts'

export type Viewer = ReturnType<typeof createViewer>

/** What an element does while it is in a document: a frame, and the conversation with it. */
export function createViewer(element: ViewerElement) {
  let isClosed = false
  let isAsking = false

  const tellTheme = () => frame.tell({ kind: 'theme', theme: readTheme(element, element.theme) })
  const tellQuery = () => frame.tell({ kind: 'query', query: element.query })

  /** One at a time. A page that can't give one now says so by an empty token. */
  async function askForToken(): Promise<void> {
    const token = await Promise.resolve()
      .then(() => element.getToken?.())
      .catch((error: unknown) => {
        console.error('indelible-viewer: getToken failed.', error)
        return ''
      })
    isAsking = false
    if (!isClosed && token !== undefined) frame.tell({ kind: 'token', token })
  }

  function ask(): void {
    if (element.getToken === undefined || isAsking) return
    isAsking = true
    void askForToken()
  }

  function tellToken(): void {
    if (element.token === '') ask()
    else frame.tell({ kind: 'token', token: element.token })
  }

  function onMessage(message: ViewerMessage): void {
    if (message.kind === 'ready') announce('indelible-ready')
    else if (message.kind === 'token-wanted') {
      announce(message.expired ? 'indelible-expired' : 'indelible-expiring')
      ask()
    }
  }

  const announce = (name: string) => element.dispatchEvent(new CustomEvent(name))
  const frame = createFrame({
    url: element.url,
    onConnect() {
      tellTheme()
      tellQuery()
      tellToken()
    },
    onMessage,
  })
  const unwatch = watchTheme(tellTheme)
  element.shadowRoot?.append(frame.element)
  return {
    tellTheme,
    tellQuery,
    tellToken,
    close() {
      isClosed = true
      unwatch()
      frame.close()
      frame.element.remove()
    },
  }
}
